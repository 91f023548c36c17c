/**
 * passport-openidconnect on Express. It sends no PKCE and its secret in the body, which is what profile `legacy` is for, and
 * reads the ID token without its signature: it has it from Kapu itself (OpenID Connect Core, 3.1.3.7).
 */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import session from 'express-session';
import passport from 'passport';
import OpenIDConnectStrategy from 'passport-openidconnect';
import { type Site, site } from './site.ts';
import { goThrough, said, secret, signOut, startTrial, type Trial } from './trial.ts';

let trial: Trial;
let rp: Site;

beforeAll(async () => {
  rp = await site();
  trial = await startTrial({
    client_id: 'passport',
    client_name: 'On Passport',
    client_uri: `${rp.url}/`,
    profile: 'legacy',
    token_endpoint_auth_method: 'client_secret_post',
    client_secret: secret,
    redirect_uris: [`${rp.url}/callback`],
    post_logout_redirect_uris: [`${rp.url}/`],
  });
  const { issuer } = trial.kapu;

  const strategy = (level?: string) =>
    new OpenIDConnectStrategy(
      {
        issuer,
        authorizationURL: `${issuer}/auth`,
        tokenURL: `${issuer}/token`,
        userInfoURL: `${issuer}/userinfo`,
        clientID: 'passport',
        clientSecret: secret,
        callbackURL: `${rp.url}/callback`,
        scope: 'profile',
        // The type says string; what is sent is a text of random letters that is compared with the token's.
        nonce: 'yes',
        acrValues: level,
        skipUserProfile: false,
      } as OpenIDConnectStrategy.StrategyOptions,
      (
        _issuer: string,
        profile: passport.Profile,
        context: object,
        idToken: string | object,
        done: OpenIDConnectStrategy.VerifyCallback,
      ) => done(null, { ...profile, context, idToken }),
    );
  passport.use('basic', strategy());
  passport.use('plus', strategy('plus'));
  passport.serializeUser((user, done) => done(null, user));
  passport.deserializeUser((user, done) => done(null, user as Express.User));

  await rp.serve((app) => {
    app.use(session({ secret: 'of this test', resave: false, saveUninitialized: false }));
    app.use(passport.session());
    app.get('/sign-in', passport.authenticate('basic'));
    app.get('/sign-in-plus', passport.authenticate('plus'));
    app.get('/callback', passport.authenticate('basic', { successRedirect: '/' }));
    app.get('/', (req, res) => res.json(req.user ?? {}));
    app.get('/plus', (req, res) => {
      const { context } = (req.user ?? {}) as { context?: { class?: string } };
      if (context?.class !== 'plus') return res.redirect('/sign-in-plus');
      res.json({ open: true });
    });
    app.get('/sign-out', (req, res, next) => {
      const { idToken } = req.user as { idToken: string };
      const parameters = { id_token_hint: idToken, post_logout_redirect_uri: `${rp.url}/` };
      req.logout((fault) =>
        fault ? next(fault) : res.redirect(`${issuer}/session/end?${new URLSearchParams(parameters)}`),
      );
    });
  });
});
afterAll(async () => {
  await rp?.stop();
  await trial?.end();
});

test('signs in at basic, steps up to plus with the code alone, and signs out', async () => {
  const { kapu } = trial;
  const page = await trial.visitor();
  expect(await goThrough(kapu, page, `${rp.url}/sign-in`)).toEqual(['password']);
  expect(await said(page)).toMatchObject({ displayName: 'Szabóné Kiss Anna', context: { class: 'basic' } });
  expect(await goThrough(kapu, page, `${rp.url}/plus`)).toEqual(['email-code']);
  expect(await said(page)).toMatchObject({ context: { class: 'plus', methods: ['pwd', 'otp'] } });
  await page.goto(`${rp.url}/plus`);
  expect(await said(page)).toEqual({ open: true });
  await signOut(kapu, page, `${rp.url}/sign-out`);
  expect(await said(page)).toEqual({});
});
