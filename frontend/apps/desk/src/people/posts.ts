/** What the pages of posts share: words of a post and of a time, and one fetch of the board. */
import { peopleApi, type PostTonight, type PostsTonight } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { clock, day } from "@fengsui/domain";
import { say } from "@fengsui/ui";
import { ref } from "vue";

export const PAGE = 100;
export const OPEN_STATES = "nobody,vacant,by_b,stood_in";

/** "7月18日 周六 08:00": an end is always said with its day. */
export const when = (at: string): string => `${say(day(at))} ${clock(at)}`;

/** 石滩村村支书; a title that names its place is left alone. */
export const postName = (post: Pick<PostTonight, "place_name" | "title">): string =>
  post.title.includes(post.place_name) ? post.title : `${post.place_name}${post.title}`;

export const chosenPlace = ref("");
export const showsAll = ref(false);
export const shown = ref(PAGE);

export const board = resource<PostsTonight>(async () => {
  const query = { under: chosenPlace.value, state: showsAll.value ? "" : OPEN_STATES, limit: PAGE };
  const first = await peopleApi.postsTonight(query);
  const items = [...first.items];
  let next = first.next;
  while (next !== null && items.length < shown.value) {
    const page = await peopleApi.postsTonight({ ...query, after: next });
    items.push(...page.items);
    next = page.next;
  }
  return { ...first, items, next };
});

/** The whole jurisdiction by township, whatever the list shows. */
export const overview = resource<PostsTonight>(() => peopleApi.postsTonight({ state: "nobody", limit: 1 }));

export async function refreshPosts(): Promise<void> {
  await Promise.all([board.refresh(), overview.refresh()]);
}
