// node load.mjs URL TOOL: the Inspector calls a tool ten at a time, at a server whose
// tokens end every few seconds. All ten find that at once and refresh with the same
// refresh token. Nobody may be logged out, and no call may fail.
import { join } from 'node:path';
import { inspector, withHome } from './inspector.mjs';
import { check } from './session.mjs';

const [url, tool] = process.argv.slice(2);
process.env.NODE_OPTIONS = '--import ' + join(import.meta.dirname ?? process.cwd(), 'refreshes.mjs');
await withHome(async home => {
  const run = await inspector(home);
  const server = ['--server-url', url, '--transport', 'http'];
  const read = ['--method', 'tools/call', '--tool-name', tool];
  const first = await run(server, ...read);
  check(first.code === 0 && first.signIns === 1, `the first call: exit code ${first.code}: ${first.stdout}${first.stderr}`);
  const load = async () => {
    const { code, stdout, stderr, signIns } = await run(server, ...read, '--load', '--load-concurrency', '10', '--load-duration', '9');
    check(code === 0, `exit code ${code}: ${stdout}${stderr.slice(-2000)}`);
    const { result } = JSON.parse(stdout);
    check(signIns === 0, `the user was logged out ${signIns} times`);
    return { result, stderr };
  };
  // Where a call takes as long as a token lives, the one it was just given may have
  // ended when it arrives: that says something of the machine, and nothing of the server.
  const tokenLife = 4000;
  let { result, stderr } = await load();
  for (let n = 0; n < 4 && result.latencyMs.max > tokenLife; n++) {
    console.error(`a call took ${Math.round(result.latencyMs.max)} ms, and tokens live ${tokenLife}: once more`);
    ({ result, stderr } = await load());
  }
  check(result.requests > 100 && result.ok === result.requests && result.errors === 0 && result.toolErrors === 0,
    `calls failed: ${JSON.stringify(result)}`);
  const [, refreshes, most] = stderr.match(/refreshes: (\d+), with one token at most: (\d+)/) ?? [];
  check(refreshes > 1 && most > 1, `refreshes ${refreshes}, at most ${most} with one token: that proves nothing`);
  console.log(`${result.requests} calls, none failed; ${refreshes} refreshes, up to ${most} with the same refresh token; no log-out`);
});
