/** A service on express-openid-connect, as its owner would write it; settings come in the environment. */

import express from 'express';
import openid, { type ConfigParams } from 'express-openid-connect';

const { auth, requiresAuth } = openid;
const { ISSUER, BASE_URL, CLIENT_ID, CLIENT_SECRET, RESPONSE_MODE } = process.env as Record<string, string>;

const authorizationParams = {
  response_type: 'code',
  scope: 'openid profile',
  ...(RESPONSE_MODE && { response_mode: RESPONSE_MODE }),
};
const settings: ConfigParams = {
  issuerBaseURL: ISSUER,
  baseURL: BASE_URL,
  clientID: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  secret: 'for the cookies of this trial',
  authRequired: false,
  idpLogout: true,
  idTokenSigningAlg: 'ES256',
  authorizationParams,
};

const app = express();
app.use(auth(settings));
app.get('/', (req, res) => {
  res.json(req.oidc.user ?? {});
});
app.get('/account', requiresAuth(), (req, res) => {
  res.json(req.oidc.user);
});
app.get('/plus', (req, res) => {
  if (req.oidc.user?.acr === 'plus') return res.json({ open: true, ...req.oidc.user });
  return res.oidc.login({ returnTo: '/plus', authorizationParams: { ...authorizationParams, acr_values: 'plus' } });
});
const { hostname, port } = new URL(String(BASE_URL));
app.listen(Number(port), hostname);
