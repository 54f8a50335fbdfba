/** An error the back end explained in both languages, or the network's silence in the same shape. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly zh: string,
    readonly en: string,
    readonly data: Record<string, unknown> = {},
    readonly requestId: string = "",
  ) {
    super(`${code}: ${en}`);
    this.name = "ApiProblem";
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

export function unreachable(): ApiProblem {
  return new ApiProblem(
    0,
    "unreachable",
    "连不上本机服务。请检查网络，稍后会自动重试。",
    "The server cannot be reached. Check the network; it will be tried again.",
  );
}

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(0, "unexpected", "页面出错，请刷新后再试。", "The page failed. Reload it and try again.");
}
