// What an application has to give the TypeScript SDKs: a memory, and a browser.
// The browser is the program in $ROBOT: it is given the authorization URL and
// prints the callback URL.
//
// Each script takes its client through the same steps, and prints a line for each:
// "step NAME: ok", or "step NAME: cannot: WHY" for what the client has no way to do
// and why it seems so. Anything else is an exception.
import { execFileSync } from 'node:child_process';

export const scopes = 'notes:read notes:write'; // what the tool that writes needs

// browse signs the user in and returns the callback URL.
export function browse(url) {
  return new URL(execFileSync(process.env.ROBOT, ['-robot', String(url)], { encoding: 'utf8' }).trim());
}

export class Memory {
  #tokens; #client; #verifier; #discovered; #state = crypto.randomUUID();
  signIns = 0;
  callback;
  asked; // the scopes of the last authorization request
  get redirectUrl() { return 'http://127.0.0.1:43210/callback'; }
  get clientMetadata() {
    return {
      client_name: 'interop', redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'], token_endpoint_auth_method: 'none',
    };
  }
  state() { return this.#state; }
  clientInformation() { return this.#client; }
  saveClientInformation(c) { this.#client = c; }
  tokens() { return this.#tokens; }
  saveTokens(t) { this.#tokens = t; }
  saveCodeVerifier(v) { this.#verifier = v; }
  codeVerifier() { return this.#verifier; }
  saveDiscoveryState(d) { this.#discovered = d; }
  discoveryState() { return this.#discovered; }
  invalidateCredentials(what) {
    if (what === 'tokens' || what === 'all') this.#tokens = undefined;
    if (what === 'client' || what === 'all') this.#client = undefined;
  }
  redirectToAuthorization(url) {
    this.signIns++;
    this.asked = url.searchParams.get('scope');
    this.callback = browse(url);
    const got = this.callback.searchParams;
    check(got.get('state') === this.#state, 'the state came back');
    check(got.get('iss') === url.origin, 'iss is the authorization server (RFC 9207)');
  }
  // spoil makes the access token one that the server does not know.
  spoil() { this.#tokens = { ...this.#tokens, access_token: 'mcpat_spoiled' }; }
}

export function check(ok, what) {
  if (!ok) throw new Error('not so: ' + what);
}

export function step(name, cannot) {
  console.log(`step ${name}: ${cannot ? 'cannot: ' + cannot : 'ok'}`);
}

// refusal returns the error that an attempt ends with; not to be refused is one.
export async function refusal(attempt, what) {
  let result;
  try {
    result = await attempt();
  } catch (e) {
    return e;
  }
  throw new Error(`${what}: not refused, but ${JSON.stringify(result)}`);
}

// revoke ends a family of tokens (RFC 7009). No client has it: programs do it.
export async function revoke(url, token, clientId) {
  const metadata = await (await fetch(new URL('/.well-known/oauth-authorization-server', url))).json();
  check(metadata.revocation_endpoint_auth_methods_supported.includes('none'), 'a public client may revoke');
  const answer = await fetch(metadata.revocation_endpoint, {
    method: 'POST', body: new URLSearchParams({ token, token_type_hint: 'refresh_token', client_id: clientId }),
  });
  check(answer.status === 200, 'the revocation is answered with 200, not ' + answer.status);
}

// run takes a client of the TypeScript SDK through all steps. connect makes and
// connects one, finish gives it what the browser brought back, and stepUp is what
// is known of it when a tool needs more scopes.
export async function run({ connect, finish, stepUp, memory, url, tool, write, args }) {
  const stranger = await refusal(connect, 'a stranger');
  if (stranger.constructor.name !== 'UnauthorizedError') throw stranger;
  await finish(memory.callback);
  const client = await connect();
  const { tools } = await client.listTools();
  check(tools.some(t => t.name === tool), tool + ' is listed');
  const call = async (name, args) => text(await client.callTool({ name, arguments: args }));
  await call(tool, {});
  check(memory.signIns === 1, 'the user signed in once');
  step('sign-in');

  const before = memory.tokens().access_token;
  memory.spoil();
  await call(tool, {});
  check(memory.tokens().access_token !== before, 'the refresh gave a new access token');
  check(memory.signIns === 1, 'the user signed in once');
  step('refresh');

  check(memory.tokens().scope === 'notes:read', 'the user granted no more than was asked for');
  step('step-up', await stepUp(() => call(write, args)));
  check(memory.signIns === 2, 'the user signed in a second time, for more');
  check(scopes.split(' ').every(s => memory.asked.split(' ').includes(s)), 'all scopes were asked for: ' + memory.asked);

  await revoke(url, memory.tokens().refresh_token, memory.clientInformation().client_id);
  const revoked = await refusal(() => call(tool, {}), 'a revoked token');
  if (revoked.constructor.name !== 'UnauthorizedError') throw revoked;
  check(memory.signIns === 3, 'the user is asked to sign in again');
  await finish(memory.callback);
  await call(tool, {});
  step('revoke');
  await client.close();
}

function text(result) {
  check(!result.isError && result.content.length > 0, 'the tool answered');
  return JSON.stringify(result.content[0].text);
}
