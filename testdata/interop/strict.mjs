// node strict.mjs RESOURCE HAND CLOCK: oauth4webapi, a client library that refuses
// what the standards don't allow, tries an authorization server and its resource,
// refusals included. HAND is a program that signs in as a person, and sets the
// server's clock forward where CLOCK is "ours".
import * as oauth from 'oauth4webapi';

const [resource, hand, clock] = process.argv.slice(2);
const redirect = 'http://127.0.0.1:43211/callback';
const seen = [];
const http = {
  [oauth.allowInsecureRequests]: true, // the server is on loopback
  [oauth.customFetch]: async (url, init) => {
    const res = await fetch(url, init);
    seen.push({ url: String(url), res: res.clone() });
    return res;
  },
};

let passed = 0;
const failed = [];
async function must(what, f) {
  try {
    await f();
    passed++;
  } catch (e) {
    failed.push(`${what}: ${e.message}${e.cause ? ' ' + JSON.stringify(e.cause) : ''}`);
  }
}
function check(ok, what) {
  if (!ok) throw new Error('not so: ' + what);
}

// refused wants promise to fail with that error of RFC 6749 §5.2 and that status.
async function refused(promise, error, status = 400) {
  let got;
  try {
    got = await promise;
  } catch (e) {
    if (e instanceof oauth.WWWAuthenticateChallengeError) {
      check(e.status === status && status === 401, `status ${e.status}, want ${status}`);
      check((await e.response.clone().json()).error === error, 'the error is ' + error);
      return e;
    }
    if (!(e instanceof oauth.ResponseBodyError)) throw e;
    check(e.error === error && e.status === status, `${e.status} ${e.error}, want ${status} ${error}`);
    return e;
  }
  throw new Error('accepted: ' + Object.keys(got ?? {}));
}

const person = async (url, user = 'ada', answer) => {
  const q = new URLSearchParams({ url, user, ...(answer && { answer }) });
  const res = await fetch(hand + '/signin?' + q);
  const text = await res.text();
  if (!res.ok) throw new Error(text);
  return new URL(text);
};
const forward = async seconds => {
  const res = await fetch(hand + '/forward', { method: 'POST', body: new URLSearchParams({ seconds }) });
  check(res.ok, 'the clock is ours');
};

// Discovery: from the resource to its authorization server.
const rs = await oauth.processResourceDiscoveryResponse(new URL(resource), await oauth.resourceDiscoveryRequest(new URL(resource), http));
const issuer = new URL(rs.authorization_servers[0]);
let as;
for (const algorithm of ['oidc', 'oauth2']) {
  await must('discovery by ' + algorithm, async () => {
    as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...http, algorithm }));
    check(as.issuer === rs.authorization_servers[0], 'the issuer is the one that the resource names');
    check(as.authorization_response_iss_parameter_supported === true, 'iss is announced (RFC 9207 §3)');
    check(JSON.stringify(as.code_challenge_methods_supported) === '["S256"]', 'S256 alone is announced (RFC 8414 §2)');
    check(as.protected_resources?.includes(resource), 'the resource is named (RFC 9728 §4)');
  });
}
await must('the metadata is of no other issuer', async () => {
  const res = await oauth.discoveryRequest(issuer, { ...http, algorithm: 'oauth2' });
  let err;
  await oauth.processDiscoveryResponse(new URL(issuer.origin + '/other'), res).catch(e => { err = e; });
  check(err?.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED', 'the client refuses it: ' + err);
});

async function register(method, more = {}) {
  const metadata = { client_name: 'strict ' + method, redirect_uris: [redirect], token_endpoint_auth_method: method, ...more };
  return oauth.processDynamicClientRegistrationResponse(await oauth.dynamicClientRegistrationRequest(as, metadata, http));
}

// ask makes an authorization URL with PKCE, and returns it with what goes with it.
async function ask(client, more = {}) {
  const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState();
  const url = new URL(as.authorization_endpoint);
  const params = {
    client_id: client.client_id, redirect_uri: redirect, response_type: 'code', state, resource,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
  };
  for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, value);
  return { url: url.href, verifier, state };
}

// code signs in and returns what the client needs to redeem the code.
async function code(client, more) {
  const asked = await ask(client, more);
  const callback = await person(asked.url);
  return { ...asked, callback, params: oauth.validateAuthResponse(as, client, callback, asked.state) };
}

async function redeem(client, auth, got, { to = redirect, verifier = got.verifier, ...more } = {}) {
  const options = { ...http, additionalParameters: { resource, ...more } };
  const res = await oauth.authorizationCodeGrantRequest(as, client, auth, got.params, to, verifier, options);
  return oauth.processAuthorizationCodeResponse(as, client, res);
}

async function refresh(client, auth, token, more = {}) {
  const res = await oauth.refreshTokenGrantRequest(as, client, auth, token, { ...http, additionalParameters: { resource, ...more } });
  return oauth.processRefreshTokenResponse(as, client, res);
}

const signIn = async (client, auth) => redeem(client, auth, await code(client));

// call is one MCP request with that token.
async function call(token) {
  const body = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'strict', version: '1' } } };
  const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' });
  const res = await oauth.protectedResourceRequest(token, 'POST', new URL(resource), headers, JSON.stringify(body), http);
  await res.text();
  check(res.status === 200, 'the resource answers 200, not ' + res.status);
}
async function callRefused(token) {
  const e = await call(token).then(() => undefined, e => e);
  check(e instanceof oauth.WWWAuthenticateChallengeError && e.status === 401, 'the resource refuses the token: ' + (e?.message ?? 'it did not'));
  const [challenge] = e.cause;
  check(challenge.scheme === 'bearer' && challenge.parameters.error === 'invalid_token', 'by a Bearer challenge with invalid_token (RFC 6750 §3.1)');
  check(URL.canParse(challenge.parameters.resource_metadata), 'that says where the metadata is (RFC 9728 §5.1)');
}

// Each way in which a client may authenticate, and its wrong ways.
const kinds = {
  none: { right: () => oauth.None() },
  client_secret_basic: { right: c => oauth.ClientSecretBasic(c.client_secret), wrong: oauth.ClientSecretBasic('wrong') },
  client_secret_post: { right: c => oauth.ClientSecretPost(c.client_secret), wrong: oauth.ClientSecretPost('wrong') },
};
for (const [method, { right, wrong }] of Object.entries(kinds)) {
  await must(method, async () => {
    check(as.token_endpoint_auth_methods_supported.includes(method), 'it is announced');
    const client = await register(method);
    check(client.token_endpoint_auth_method === method, 'the registration says so');
    check((client.client_secret === undefined) === (method === 'none'), 'only a confidential client has a secret');
    const auth = right(client);
    const tokens = await signIn(client, auth);
    await call(tokens.access_token);
    const next = await refresh(client, auth, tokens.refresh_token);
    check(next.refresh_token !== tokens.refresh_token, 'the refresh token is rotated');
    if (wrong) await refused(refresh(client, wrong, next.refresh_token), 'invalid_client', 401);
    if (wrong) await refused(refresh(client, oauth.None(), next.refresh_token), 'invalid_client', 401);
    if (!wrong) await refused(refresh(client, oauth.ClientSecretPost('any'), next.refresh_token), 'invalid_client', 401);
    await call((await refresh(client, auth, next.refresh_token)).access_token);
  });
}

const client = await register('none');
const none = oauth.None();

await must('an unknown client', async () => {
  await refused(refresh({ client_id: 'nobody' }, none, 'mcprt_x'), 'invalid_client', 401);
});
await must('a registration without a redirect URI', async () => {
  await refused(register('none', { redirect_uris: [] }), 'invalid_redirect_uri');
});
await must('a registration with an unsafe redirect URI', async () => {
  for (const uri of ['http://elsewhere.test/cb', 'javascript:alert(1)', redirect + '#fragment', 'https://*.elsewhere.test/cb', 'https://é"\\.test/%zz']) {
    await refused(register('none', { redirect_uris: [uri] }), 'invalid_redirect_uri');
  }
});
await must('a registration for another grant', async () => {
  await refused(register('none', { grant_types: ['password'] }), 'invalid_client_metadata');
  await refused(register('private_key_jwt'), 'invalid_client_metadata');
});

// RFC 9207: whose answer it is.
await must('iss in the answer', async () => {
  const { callback, state } = await code(client);
  check(callback.searchParams.get('iss') === as.issuer, 'it is the issuer');
  for (const spoil of [u => u.searchParams.set('iss', 'https://elsewhere.test'), u => u.searchParams.delete('iss'), u => u.searchParams.set('state', 'x')]) {
    const other = new URL(callback);
    spoil(other);
    let took = true;
    try { oauth.validateAuthResponse(as, client, other, state); } catch { took = false; }
    check(!took, 'the client refuses ' + other.search);
  }
});
if (clock === 'ours') await must('iss in an error, and access_denied for a user whom no rule names', async () => {
  const { url, state } = await ask(client);
  const callback = await person(url, 'mallory');
  let err;
  try { oauth.validateAuthResponse(as, client, callback, state); } catch (e) { err = e; }
  check(err instanceof oauth.AuthorizationResponseError && err.error === 'access_denied', String(err));
  check(callback.searchParams.get('iss') === as.issuer && !callback.searchParams.has('code'), callback.search);
});

await must('a code that is redeemed twice ends what it gave', async () => {
  const got = await code(client);
  const tokens = await redeem(client, none, got);
  await call(tokens.access_token);
  await refused(redeem(client, none, got), 'invalid_grant');
  await callRefused(tokens.access_token);
  await refused(refresh(client, none, tokens.refresh_token), 'invalid_grant');
});
await must('a code with a wrong verifier', async () => {
  const got = await code(client);
  await refused(redeem(client, none, got, { verifier: oauth.generateRandomCodeVerifier() }), 'invalid_grant');
  await refused(redeem(client, none, got, { verifier: oauth.nopkce }), 'invalid_grant');
});
await must('a code with another redirect URI', async () => {
  await refused(redeem(client, none, await code(client), { to: redirect + '/other' }), 'invalid_grant');
});
await must("another client's code", async () => {
  const other = await register('none', { client_name: 'other' });
  await refused(redeem(other, none, await code(client)), 'invalid_grant');
});
await must('another resource (RFC 8707)', async () => {
  const got = await code(client);
  await refused(redeem(client, none, got, { resource: 'https://elsewhere.test/mcp' }), 'invalid_target');
  const tokens = await redeem(client, none, got);
  await refused(refresh(client, none, tokens.refresh_token, { resource: 'https://elsewhere.test/mcp' }), 'invalid_target');
});
await must('the scope of an answer', async () => {
  const tokens = await signIn(client, none);
  const wide = tokens.refresh_token && await refresh(client, none, tokens.refresh_token, { scope: 'admin:everything' }).then(() => 'granted', e => e.error);
  check(wide === 'invalid_scope', 'a refresh cannot add scopes: ' + wide);
  check(tokens.expires_in > 0 && tokens.token_type === 'bearer', 'the answer says how long and what');
});

// Refresh tokens are used once; a late answer is forgiven within limits.
await must('reused refresh tokens', async () => {
  const first = await signIn(client, none);
  const second = await refresh(client, none, first.refresh_token);
  const again = await refresh(client, none, first.refresh_token);
  check(again.refresh_token === second.refresh_token, 'a parallel refresh gets the same answer');
  const third = await refresh(client, none, second.refresh_token);
  await refused(refresh(client, none, first.refresh_token), 'invalid_grant');
  await call(third.access_token);
  if (clock !== 'ours') return;
  await forward(150);
  await refused(refresh(client, none, first.refresh_token), 'invalid_grant');
  await refused(refresh(client, none, third.refresh_token), 'invalid_grant');
  await callRefused(third.access_token);
});
if (clock === 'ours') await must('an answer that was lost is given again three times', async () => {
  const first = await signIn(client, none);
  await refresh(client, none, first.refresh_token);
  for (let i = 0; i < 3; i++) {
    await forward(11);
    await call((await refresh(client, none, first.refresh_token)).access_token);
  }
  await forward(11);
  await refused(refresh(client, none, first.refresh_token), 'invalid_grant');
});
if (clock === 'ours') await must('the end of codes and access tokens', async () => {
  const got = await code(client);
  await forward(61);
  await refused(redeem(client, none, got), 'invalid_grant');
  const tokens = await signIn(client, none);
  await forward(tokens.expires_in + 1);
  await callRefused(tokens.access_token);
});

for (const kind of ['access_token', 'refresh_token']) {
  await must('revocation by the ' + kind, async () => {
    const tokens = await signIn(client, none);
    const revoke = async (c, token, hint) => oauth.processRevocationResponse(
      await oauth.revocationRequest(as, c, none, token, { ...http, additionalParameters: { token_type_hint: hint } }));
    const other = await register('none', { client_name: 'other' });
    await revoke(other, tokens[kind], kind);
    await call(tokens.access_token); // it was not the other client's to revoke
    await revoke(client, tokens[kind], 'no_such_hint');
    await callRefused(tokens.access_token);
    await refused(refresh(client, none, tokens.refresh_token), 'invalid_grant');
    await revoke(client, tokens[kind], kind); // and again, as of no token
  });
}
await must('revocation by an unknown client', async () => {
  const res = await oauth.revocationRequest(as, { client_id: 'nobody' }, none, 'x', http);
  await refused(oauth.processRevocationResponse(res), 'invalid_client', 401);
});

// What the library never sends: raw requests.
const raw = async (url, init) => {
  const res = await fetch(url, { redirect: 'manual', ...init });
  seen.push({ url: String(url), res: res.clone() });
  return res;
};
const form = params => ({ method: 'POST', body: new URLSearchParams(params) });
async function rawRefused(promise, error, status = 400) {
  const res = await promise, body = await res.json();
  check(res.status === status && body.error === error, `${res.status} ${body.error}, want ${status} ${error}`);
}
await must('a token request that lacks something', async () => {
  const id = { client_id: client.client_id };
  await rawRefused(raw(as.token_endpoint, form({ ...id })), 'invalid_request');
  await rawRefused(raw(as.token_endpoint, form({ ...id, grant_type: 'authorization_code' })), 'invalid_request');
  await rawRefused(raw(as.token_endpoint, form({ ...id, grant_type: 'refresh_token' })), 'invalid_request');
  await rawRefused(raw(as.token_endpoint, form({ grant_type: 'refresh_token', refresh_token: 'x' })), 'invalid_request');
  await rawRefused(raw(as.revocation_endpoint, form({ ...id })), 'invalid_request');
});
await must('a token request of another kind', async () => {
  const id = { client_id: client.client_id };
  for (const grant_type of ['password', 'client_credentials', 'implicit']) {
    await rawRefused(raw(as.token_endpoint, form({ ...id, grant_type, username: 'ada', password: 'x' })), 'unsupported_grant_type');
  }
  await rawRefused(raw(as.token_endpoint, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(id) }), 'invalid_request');
  await rawRefused(raw(as.token_endpoint + '?' + new URLSearchParams({ ...id, grant_type: 'refresh_token' }), form({ x: '1' })), 'invalid_request');
});
await must('a repeated parameter, whatever its name', async () => {
  for (const name of ['client_id', 'caf\u00e9"\\']) {
    await rawRefused(raw(as.token_endpoint, form([['grant_type', 'refresh_token'], [name, 'a'], [name, 'b']])), 'invalid_request');
  }
});
await must('two ways of authentication at once', async () => {
  const secret = await register('client_secret_basic');
  const basic = 'Basic ' + btoa(secret.client_id + ':' + secret.client_secret);
  const init = form({ grant_type: 'refresh_token', refresh_token: 'x', client_secret: secret.client_secret });
  await rawRefused(raw(as.token_endpoint, { ...init, headers: { authorization: basic } }), 'invalid_request');
  const res = await raw(as.token_endpoint, { ...form({ grant_type: 'refresh_token', refresh_token: 'x' }), headers: { authorization: 'Basic ' + btoa('nobody:x') } });
  check(res.status === 401 && /^Basic /i.test(res.headers.get('www-authenticate')), 'who used the header is challenged (RFC 6749 §5.2)');
});
await must('other methods', async () => {
  for (const [url, method] of [[as.token_endpoint, 'GET'], [as.revocation_endpoint, 'GET'], [as.registration_endpoint, 'GET'], [as.authorization_endpoint, 'PUT']]) {
    const res = await raw(url, { method });
    check(res.status === 405 && res.headers.get('allow'), `${method} ${url} is 405 with Allow, not ${res.status}`);
  }
});

// A link that is not valid is a page, and leads nowhere (RFC 9700 §4.11).
const bad = {
  'no PKCE': { code_challenge: undefined, code_challenge_method: undefined },
  'plain PKCE': { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' },
  'a method that is missing': { code_challenge_method: undefined },
  'a foreign redirect URI': { redirect_uri: 'https://elsewhere.test/cb' },
  'a longer redirect URI': { redirect_uri: redirect + '/../x' },
  'no redirect URI': { redirect_uri: undefined },
  'another resource': { resource: 'https://elsewhere.test/mcp' },
  'the implicit flow': { response_type: 'token' },
  'a fragment': { response_mode: 'fragment' },
  'an unknown client': { client_id: 'nobody' },
  'a request object': { request: 'eyJhbGciOiJub25lIn0.e30.' },
};
for (const [what, change] of Object.entries(bad)) {
  await must('a link with ' + what, async () => page(await raw((await ask(client, change)).url), 400));
}
function page(res, status) {
  check(res.status === status && !res.headers.has('location'), `a page with ${status}, not ${res.status} to ${res.headers.get('location')}`);
  const want = {
    'content-type': /^text\/html; charset=utf-8$/, 'cache-control': /no-store/, 'content-security-policy': /default-src 'none'.*frame-ancestors 'none'/,
    'x-content-type-options': /^nosniff$/, 'x-frame-options': /^DENY$/, 'referrer-policy': /^(no-referrer|same-origin)$/,
  };
  for (const [name, pattern] of Object.entries(want)) check(pattern.test(res.headers.get(name)), `${name}: ${res.headers.get(name)}`);
  check(!res.headers.has('access-control-allow-origin'), 'no other origin may read it');
}
await must('the consent page', async () => page(await raw((await ask(client)).url), 200));
await must('a consent that is denied goes nowhere', async () => {
  const e = await person((await ask(client)).url, 'ada', 'deny').then(u => new Error('went to ' + u), e => e);
  check(/answered 200: .*Nothing was shared/.test(e.message), e.message);
});

// Every answer of the endpoints that programs use.
await must('the headers and error bodies of all answers', async () => {
  const paths = [as.token_endpoint, as.registration_endpoint, as.revocation_endpoint];
  const answers = seen.filter(a => paths.includes(a.url.split('?')[0]) && a.res.status !== 405);
  check(answers.length > 50, 'there were many');
  for (const { url, res } of answers) {
    const where = `${url} answered ${res.status}`;
    check(/no-store/.test(res.headers.get('cache-control')), where + ' without Cache-Control: no-store (RFC 6749 §5.1)');
    if (url.startsWith(as.token_endpoint)) check(res.headers.get('pragma') === 'no-cache', where + ' without Pragma: no-cache (RFC 6749 §5.1)');
    if (url === as.revocation_endpoint && res.status === 200) continue;
    check(res.headers.get('content-type') === 'application/json', `${where} as ${res.headers.get('content-type')}`);
    check(res.headers.get('access-control-allow-origin') === '*', where + ' unreadable for clients in browsers');
    const body = await res.json();
    for (const [name, value] of Object.entries(body)) check(value !== null && value !== '', `${where}: ${name} is ${JSON.stringify(value)}`);
    if (res.status < 400) continue;
    check(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(body.error), `${where}: error ${body.error} (RFC 6749 §5.2)`);
    check(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(body.error_description ?? ''), `${where}: error_description ${body.error_description} (RFC 6749 §5.2)`);
  }
});

console.log(`  ${passed} passed, ${failed.length} failed${clock === 'ours' ? '' : "; what needs its clock set forward is tried where the clock is ours"}`);
if (failed.length) {
  console.error(failed.join('\n'));
  process.exit(1);
}
