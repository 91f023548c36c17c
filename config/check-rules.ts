/**
 * Rules across settings that a schema cannot say, as a list of problems. Pure. Errors keep Kapu from starting,
 * warnings do not.
 */

import { isIP } from 'node:net';
import { checkLevels, type Known } from './check-levels.ts';
import { checkProduction } from './check-production.ts';
import { checkTls } from './check-tls.ts';
import { isLoopback } from './loopback.ts';
import { error, type Problem, warning, when } from './problems.ts';
import type { Settings } from './settings.ts';

/** Everything that is wrong or doubtful about valid settings. */
export function checkRules(settings: Settings, known: Known): Problem[] {
  return [
    ...checkLevels(settings, known),
    ...times(settings),
    ...addresses(settings),
    ...checkTls(settings),
    ...mailLogins(settings),
    ...newPasswords(settings),
    ...redis(settings),
    ...checkProduction(settings),
  ];
}

function times({ times: t, emailCode, levels, password, mail }: Settings): Problem[] {
  const ages = levels.flatMap((level, index) =>
    Object.entries(level.maxAge)
      .filter(([, age]) => age > t.sessionMax)
      .map(([name]) =>
        warning(
          `levels[${index}].maxAge.${name}`,
          'is longer than any session',
          'make it shorter than times.sessionMax',
        ),
      ),
  );
  const lastRetry = mail.retryAfter.reduce((sum, pause) => sum + pause, 0) / 1000;
  return [
    ...when(
      t.sessionIdle > t.sessionMax,
      error('times.sessionIdle', 'is longer than times.sessionMax', 'make it shorter'),
    ),
    ...when(t.code > 60, error('times.code', 'is longer than 60 s (FAPI 2.0, 5.3.2.1)', "use '60s' or less")),
    ...when(
      t.accessToken > 3600,
      warning('times.accessToken', 'is longer than an hour', 'services can refresh: 10 minutes do'),
    ),
    ...when(
      t.refreshToken < t.accessToken,
      error('times.refreshToken', 'is shorter than times.accessToken', 'make it longer'),
    ),
    ...when(
      t.interaction < emailCode.life,
      warning('times.interaction', 'is shorter than emailCode.life', 'codes would outlive their sign-in'),
    ),
    ...when(
      emailCode.resendAfter >= emailCode.life,
      error('emailCode.resendAfter', 'is not shorter than emailCode.life', 'make it shorter'),
    ),
    ...when(
      emailCode.triesPerAccount < emailCode.tries,
      error(
        'emailCode.triesPerAccount',
        'is less than emailCode.tries',
        'one sign-in alone would use it up: make it greater',
      ),
    ),
    ...when(
      emailCode.sendsPerAccount < emailCode.sendsPerSignIn,
      error(
        'emailCode.sendsPerAccount',
        'is less than emailCode.sendsPerSignIn',
        'one sign-in alone would use it up: make it greater',
      ),
    ),
    ...when(
      emailCode.longDigits <= emailCode.digits,
      error('emailCode.longDigits', 'is not more than emailCode.digits', 'make it greater'),
    ),
    ...when(
      password.triesPerOrigin < password.triesPerAccount,
      error('password.triesPerOrigin', 'is less than password.triesPerAccount', 'make it greater'),
    ),
    ...when(
      lastRetry >= emailCode.life,
      warning(
        'mail.retryAfter',
        'goes on past emailCode.life',
        'mails are not sent by then: leave the last pauses out',
      ),
    ),
    ...ages,
  ];
}

function addresses(settings: Settings): Problem[] {
  const { issuer, listen, operations, trustedProxies, mode, tls } = settings;
  const url = new URL(issuer);
  const port = listen.port !== 0 && listen.port === operations.port;
  const behindFarProxy = !tls && !isLoopback(listen.host) && trustedProxies.every((proxy) => isLoopback(proxy));
  return [
    ...when(
      isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0 && offersPasskeys(settings),
      warning(
        'issuer',
        'has an IP address, at which browsers make no passkeys',
        "give it a host name (WebAuthn: a valid domain), or leave passkeys out: methodsOff: ['passkey']",
      ),
    ),
    ...when(
      url.pathname !== '/' || url.search !== '' || url.hash !== '',
      error('issuer', 'has more than a host', "leave it at 'https://host'"),
    ),
    ...when(
      url.username !== '' || url.password !== '',
      error('issuer', 'holds a user name', "leave it at 'https://host'"),
    ),
    ...when(port, error('operations.port', 'is the same as listen.port', 'give it a port of its own')),
    ...when(
      mode === 'production' && behindFarProxy,
      warning(
        'trustedProxies',
        'names no proxy, and Kapu listens beyond this machine',
        'name the proxy: else all people share its address and its limits',
      ),
    ),
    ...when(
      mode === 'demo' && url.protocol === 'http:' && !isLoopback(url.hostname),
      warning('issuer', 'is http and not on this machine', 'anyone on the way can read the passwords: use https'),
    ),
  ];
}

/** Whether a level is reached with a passkey that is not switched off. */
function offersPasskeys({ levels, methodsOff }: Settings): boolean {
  return !methodsOff.includes('passkey') && levels.some(({ anyOf }) => anyOf.flat().includes('passkey'));
}

function mailLogins({ mail }: Settings): Problem[] {
  const twice = mail.transports.filter(
    ({ name }, index) => mail.transports.findIndex((each) => each.name === name) < index,
  );
  return [
    ...twice.map(({ name }) =>
      error('mail.transports', `two transports are named '${name}'`, 'give each a name of its own'),
    ),
    ...mail.transports.flatMap(({ user, password }, index) =>
      when(
        (user === undefined) !== (password === undefined),
        error(`mail.transports[${index}]`, 'has only half a login', 'give user and password, or neither'),
      ),
    ),
  ];
}

function newPasswords({ mode, password }: Settings): Problem[] {
  const severity = mode === 'production' ? error : warning;
  return when(
    password.leastLength < 8,
    severity(
      'password.leastLength',
      'is below 8 (ASVS 6.2.1)',
      'make it 15, or 8 where no service takes a password alone',
    ),
  );
}

function redis({ state }: Settings): Problem[] {
  if (state.kind !== 'redis') return [];
  const { wait, tls, user, password, commandPatience } = state;
  return [
    ...when(
      wait !== undefined && wait.patience >= commandPatience,
      error('state.wait.patience', 'is not shorter than state.commandPatience', 'make it shorter'),
    ),
    ...when(
      (tls?.cert === undefined) !== (tls?.key === undefined),
      error('state.tls', 'has half a certificate', 'give cert and key, or neither'),
    ),
    ...when(
      user !== undefined && password === undefined,
      error('state.user', 'has no password', 'set KAPU_STATE_PASSWORD, or leave the user out'),
    ),
  ];
}
