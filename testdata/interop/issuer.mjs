// node issuer.mjs PORT CLIENT_ID CLIENT_SECRET CALLBACK…: an OpenID Connect issuer
// made by others, oidc-provider, with one confidential client and everything in
// memory. Whoever types NAME on its page is NAME@example.com. Access tokens end
// soon, so that a refresh at the MCP server is one here too; each grant is printed.
import Provider from 'oidc-provider';

const [port, clientId, clientSecret, ...callbacks] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: clientId, client_secret: clientSecret, redirect_uris: callbacks,
    grant_types: ['authorization_code', 'refresh_token'],
  }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, name: id, email: `${id}@example.com`, email_verified: true }),
  }),
  cookies: { keys: ['interop'] },
  pkce: { required: () => true },
  ttl: { AccessToken: 5, AuthorizationCode: 60, IdToken: 60, Interaction: 300, Session: 300, Grant: 300, RefreshToken: 300 },
});
provider.on('grant.success', ctx => console.log(`grant: ${ctx.oidc.params.grant_type}`));
provider.on('grant.error', (ctx, err) => console.log(`refused: ${err.error_description ?? err.message} ${err.error_detail ?? ''}`));
provider.on('authorization.error', (ctx, err) => console.log(`refused: ${err.error_description ?? err.message}`));
provider.on('server_error', (ctx, err) => console.log(`fault: ${err.stack}`));
provider.listen(Number(port), 'localhost', () => console.log(`listening on ${issuer}`));
