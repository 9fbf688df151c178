// Loaded before a client (node --import): a network that takes a while, so that
// calls overlap without keeping the machine busy. Counts the client's refreshes, and
// how often one refresh token was sent.
const inner = globalThis.fetch;
const sent = new Map();
globalThis.fetch = async (url, options) => {
  const body = String(options?.body ?? '');
  if (body.includes('grant_type=refresh_token')) {
    const token = new URLSearchParams(body).get('refresh_token');
    sent.set(token, (sent.get(token) ?? 0) + 1);
  }
  await new Promise(resolve => setTimeout(resolve, 40));
  return inner(url, options);
};
process.on('exit', () => {
  const counts = [...sent.values()];
  if (counts.length) console.error(`refreshes: ${counts.reduce((a, b) => a + b)}, with one token at most: ${Math.max(...counts)}`);
});
