// node remote.mjs URL TOOL WRITE ARGS: mcp-remote. It speaks stdio to this script,
// and keeps its tokens in files, so that it can be started again.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { check, revoke, step } from './session.mjs';

const [url, tool, write, args] = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), 'mcp-remote-'));
let signIns = 0, asked = '';

// browse is the user: signs in, and is sent back to mcp-remote. Where a tool needs
// more scopes, it prints the URL first and listens a moment later, which a person
// would not notice.
async function browse(authURL) {
  signIns++;
  asked = new URL(authURL).searchParams.get('scope');
  const { stdout } = await promisify(execFile)(process.env.ROBOT, ['-robot', authURL]);
  for (let tries = 0; ; tries++) {
    try {
      return await fetch(stdout.trim());
    } catch (e) {
      if (tries === 50) throw e;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
}

// session starts mcp-remote, initializes, has use make its calls and stops it.
async function session(use) {
  const remote = join(import.meta.dirname ?? '.', 'node_modules/mcp-remote/dist/proxy.js');
  const child = spawn(process.execPath, [remote, url, '--allow-http'], {
    env: { ...process.env, MCP_REMOTE_CONFIG_DIR: home, HOME: home, BROWSER: 'true', PATH: process.env.PATH },
  });
  let said = '', fail;
  const broken = new Promise((_, reject) => { fail = reject; });
  const opened = new Set();
  child.stderr.on('data', chunk => {
    said += chunk;
    for (const [, found] of said.matchAll(/^\s*(http\S+\/oauth\/authorize\?\S+)\n/mg)) {
      if (opened.has(found)) continue;
      opened.add(found);
      browse(found).catch(fail);
    }
  });
  const answers = new Map();
  createInterface({ input: child.stdout }).on('line', line => {
    const m = JSON.parse(line);
    if (m.id !== undefined) answers.get(m.id)?.(m);
  });
  let id = 0;
  const ask = (method, params) => Promise.race([broken, new Promise((resolve, reject) => {
    id++;
    const timer = setTimeout(() => reject(new Error(method + ': no answer; mcp-remote said:\n' + said)), 30000);
    answers.set(id, m => { clearTimeout(timer); resolve(m); });
    child.stdin.write(JSON.stringify({ jsonrpc: '2.0', id, method, params }) + '\n');
  })]);
  try {
    await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'interop', version: '1' } });
    child.stdin.write(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }) + '\n');
    await use(async (name, args) => {
      const answer = await ask('tools/call', { name, arguments: args });
      check(answer.result?.content?.length > 0, name + ' answered: ' + JSON.stringify(answer));
    });
  } finally {
    child.kill();
    await new Promise(resolve => child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve());
  }
}

// kept returns the only file of mcp-remote's whose name ends so.
function kept(end, dir = home) {
  const all = dir => readdirSync(dir).flatMap(name => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? all(path) : name.endsWith(end) ? [path] : [];
  });
  const found = all(dir);
  check(found.length === 1, 'one file ' + end + ', not ' + found.length);
  return found[0];
}
const read = end => JSON.parse(readFileSync(kept(end), 'utf8'));

try {
  await session(async call => {
    await call(tool, {});
    check(signIns === 1, 'the user signed in once, not ' + signIns + ' times');
    step('sign-in');
  });
  writeFileSync(kept('_tokens.json'), JSON.stringify({ ...read('_tokens.json'), access_token: 'mcpat_spoiled' }));
  await session(async call => {
    await call(tool, {});
    check(read('_tokens.json').access_token !== 'mcpat_spoiled', 'the refresh gave a new access token');
    check(signIns === 1, 'the user signed in once, not ' + signIns + ' times');
    step('refresh');
    check(read('_tokens.json').scope === 'notes:read', 'the user granted no more than was asked for');
    await call(write, JSON.parse(args));
    check(signIns === 2 && asked.includes('notes:write'), `the user signed in a second time, for more: ${signIns}, ${asked}`);
    step('step-up');
  });
  await revoke(url, read('_tokens.json').refresh_token, read('_client_info.json').client_id);
  await session(async call => {
    await call(tool, {});
    check(signIns === 3, 'the user had to sign in again: ' + signIns);
    step('revoke');
  });
} finally {
  rmSync(home, { recursive: true, force: true });
}
