// A real OpenID Connect provider (npm oidc-provider) on loopback, for the tests of single sign-on.
// node oidc_provider.mjs PORT REDIRECT_URI; prints "ready" and runs until it is ended.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);
const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

// A fresh signing key at every start: starting again is a rotation.
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: randomUUID() };
const client = (id) => ({
  client_id: id,
  client_secret: "a secret of the test, 32 letters!",
  redirect_uris: [redirectUri],
  response_types: ["code"],
  grant_types: ["authorization_code"],
});
const provider = new Provider(issuer, {
  jwks: { keys: [key] },
  clients: [client("fengsui"), client("somebody-else")],
  cookies: { keys: ["cookies of the test"] },
  pkce: { required: () => true },
  // Two people may bear one name and share one mailbox: only `sub` tells them apart.
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: "示意甲", email: "shared@example.invalid" }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
