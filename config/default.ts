/**
 * The reference manual of the settings: every one, what it does, its unit, and why it is as it is.
 *
 * A settings file (named by KAPU_CONFIG; .json, or .ts, .js or .mjs with a default export) says only what differs from
 * here: groups are merged, lists are replaced. Durations are texts: '30s', '15m', '12h', '14d'. Paths of files are
 * taken from the directory that Kapu is started in. Settings marked "no default" must be given; `kapu check` names
 * what is missing.
 */

import { levels } from './levels.ts';
import type { SettingsFile } from './settings.ts';

export const defaults = {
  // 'production' or 'demo'. Production refuses whatever is only good for a trial: state in memory, http, mail without
  // TLS, the demo's secrets and people. The default is the strict one, so that forgetting it never weakens anything.
  mode: 'production',

  // issuer: no default. The address that people and services reach Kapu at, without a slash at the end:
  // 'https://login.example.hu'. It stands in every token and must never change. Also KAPU_ISSUER.

  // Where Kapu listens for people and services. It speaks HTTP, and TLS ends at the proxy in front of it, unless `tls` is set.
  // Loopback, so that nothing but a proxy on this machine reaches it by accident; in a container set host to '0.0.0.0'.
  listen: { host: '127.0.0.1', port: 3000 },

  // Where /health/live, /health/ready and /metrics answer. A port of its own, so that it never faces the internet.
  operations: { host: '127.0.0.1', port: 3003 },

  // Addresses or networks (CIDR) of the proxies whose X-Forwarded-* headers are believed. From anyone else they are
  // ignored: who can choose the address that limits are counted by can walk around them.
  trustedProxies: ['127.0.0.1', '::1'],

  // How long what runs may take to finish after SIGTERM. Shorter than the 10 s after which container platforms kill.
  shutdownPatience: '8s',

  limits: {
    // Sign-ins that one origin, an IPv4 address or an IPv6 /64, may begin in a minute at one process; as many devices' codes, and pushed
    // requests of public clients. Each keeps some 1.3 KB for `times.interaction`. High, because a mobile network or a ministry stands behind one address.
    startsPerOrigin: 600,
  },

  log: {
    // 'fatal', 'error', 'warn', 'info' or 'debug'. Info is one line a request and one an outcome.
    level: 'info',
  },

  // What people see.
  deployment: {
    // The name of this sign-in service, on every page and in every mail.
    name: { hu: 'Kapu', en: 'Kapu' },
    // operator: no default, { hu, en }. Who runs it: people are told whom they trust with their password.
    // logo: none by default. A file, .svg, .png, .jpg or .webp, read at start; pages load nothing from other servers.
    // The accent of buttons and links, '#rrggbb'. This blue has a contrast of 8.4 to 1 with white (WCAG asks for 4.5).
    colour: '#0b4f8a',
    // Where people find help: url and phone, both optional. Shown on every error page, so set one.
    help: {},
    // The language when neither the service nor the browser asks for one: 'hu' or 'en'.
    locale: 'hu',
    // The zone in which mails name times (IANA name).
    timeZone: 'Europe/Budapest',
  },

  // The ladder of levels, weakest first: see levels.ts. A file that sets it replaces the whole ladder.
  levels,

  // Sign-in methods that this deployment does not offer, by name: ['email-code'].
  methodsOff: [],

  // Demands of scopes, by scope: { health: { minimumLevel: 'plus', excludedMethods: ['email-code'] } }.
  scopes: {},

  // APIs that services may ask tokens for (RFC 8707), by their identifier, which is the tokens' audience:
  // { 'https://tax.example.hu/api': { scopes: ['tax.read'], accessToken: 'jwt' } }. 'jwt' tokens are checked by the API
  // itself and name acr and auth_time (RFC 9068, RFC 9470); 'opaque' ones by introspection. A client may use the ones
  // that its own `resources` list. Demands of a scope stand in `scopes` above, whichever API it belongs to.
  resources: {},

  // tls: none by default, because a proxy does it. { cert: 'kapu.crt', key: 'kapu.key' }, PEM files: `listen` then speaks TLS
  // itself, 1.2 or newer.

  // mtls: none by default. Certificates of clients (RFC 8705), to know them by and to bind their tokens to.
  //   header: the header in which a proxy of trustedProxies hands on the certificate that a client has shown it: 'Client-Cert' as
  //     in RFC 9440, or any other with the PEM escaped as nginx does ($ssl_client_escaped_cert). The proxy must set or remove it
  //     in every request.
  //   listen: { host, port, cert, key } of a listener of Kapu's own that speaks TLS and asks clients for a certificate; cert and
  //     key are PEM files.
  //   address: the address of either, where it is not the issuer's: 'https://mtls.login.example.hu'. Discovery names it
  //     (mtls_endpoint_aliases), and only the endpoints that services call themselves answer there.
  //   ca: PEM file of the authorities whose certificates name clients (tls_client_auth). Revocation is not looked up.

  // What this server asks of clients' addresses: their keys (jwks_uri), their sectors, and that they hear of sign-outs
  // (backchannel_logout_uri). https, and public addresses only, so that a registration cannot have it knock at doors inside.
  // networks: where services stand on a network of your own, its addresses ('10.20.0.0/16'). Plain http is for trials: only a
  // service on this machine may be told of sign-outs so, and its address ('127.0.0.1') must be in networks too. ca: none by
  // default; a PEM file of your own authorities, which then take the place of the public ones.
  outbound: { networks: [] },

  // Services with a backchannel_logout_uri are told when somebody signs out, after the person has been answered.
  backChannelLogout: {
    // How long a service may take over its answer.
    patience: '5s',
    // Pauses before it is told again where it did not hear, in milliseconds: a restart of the service is bridged.
    retryAfter: [1_000, 5_000, 30_000, 120_000, 300_000],
    // Requests to one service at once. Each has its own: one that hangs delays no other.
    atOnce: 4,
    // Sign-outs that may wait for one service; past it they are given up, and written down as failed.
    waiting: 10_000,
  },

  // Signing in on a device without a keyboard, by a code that the person types into a browser (RFC 8628), for clients with the
  // grant type 'urn:ietf:params:oauth:grant-type:device_code'. Off: a code can be sent to somebody else with a story, and who
  // confirms it lets a stranger in. Turn it on where such devices are.
  deviceFlow: {
    enabled: false,
    // How long a code may be typed and confirmed; half an hour at most.
    life: '10m',
    // How often a device may ask whether it has been confirmed.
    interval: '5s',
    // Wrong codes from one origin in `window`. Codes have 8 letters of 20: 34 bits.
    guesses: 20,
    window: '15m',
  },

  // Services that register themselves (RFC 7591, RFC 7592), with an invitation that `kapu client invite` makes. What they say is checked as
  // a file of `kapu client put` is; the profile is standard or public, people are always asked for consent, and what is Kapu's own
  // (minimum_level, resources and the like) stays an operator's to set. Off: whoever holds an invitation has a name on your pages.
  registration: { enabled: false },

  // People who make an account of their own, at the link of the sign-in page, or where a service sends them with prompt=create.
  // `asks`: what they give beside user name, a confirmed e-mail address and a password: 'name', 'birthName', 'birthDate'. Nobody has
  // checked any of it. Off: accounts come from the operator (`kapu account add`, `kapu account import`).
  signUp: { enabled: false, asks: ['name'] },

  // Ways back into an account. A mailbox alone never gives plus: after a reset that rested on the mailbox, and after a change of
  // address, it counts for nothing until another proof is given or `hold` has passed.
  recovery: {
    // Whether a forgotten password can be replaced with a code that is mailed.
    byMail: true,
    // Long enough to come back from a weekend. All addresses are told at the beginning, and can stop it.
    hold: '72h',
    // How many operators have to have seen the person at the desk before that counts: 1 or 2.
    deskChecks: 1,
    // How long a code that an operator has issued can be used: by letter it takes days.
    codeLife: '30d',
  },

  // The person's own pages, at /account.
  account: {
    // How long ago plus may have been reached for a change of methods, address or password.
    freshness: '10m',
    // Whether whoever has the password alone may set up a first method of their own. It makes plus worth what the password is
    // worth on that day; without it somebody who has neither mailbox nor method goes to the operator.
    firstMethodOnPassword: false,
    // How long an account that its owner has deleted can still be taken back.
    deleteAfter: '14d',
  },

  // Proofs of possession (RFC 9449). 'offered': every answer to a proof without a nonce carries one, which good clients use from
  // then on; 'required': a proof without one is refused, so that none can be made beforehand, for one more round at the start.
  dpop: { nonces: 'offered' },

  times: {
    // A session ends after this long without use, and at sessionMax whatever happens: half an hour bears a form to be
    // filled in, and a shared computer is not left open for long.
    sessionIdle: '30m',
    sessionMax: '12h',
    // A sign-in that was begun must be finished within this.
    interaction: '30m',
    // An authorization code; 60 s at most (FAPI 2.0, 5.3.2.1). It is redeemed at once by a working service.
    code: '60s',
    // Short, because a token that has left the house cannot be called back from a service that checks it itself.
    accessToken: '10m',
    // Services read an ID token once, at sign-in.
    idToken: '10m',
    // Only where a service asked for offline_access; counted from the sign-in.
    refreshToken: '14d',
    // How long a running server may go on with what it knows of a client after `kapu client put`.
    clientCache: '30s',
    // How long a browser is remembered as one that a person has signed in with, from the last time; 400 days at most, as
    // browsers keep no cookie longer. It keeps tries of its own, so that nobody elsewhere can use them up.
    knownBrowser: '180d',
  },

  // Passwords are kept as argon2id hashes. When the cost rises, each is hashed again at its owner's next sign-in.
  password: {
    // New passwords. Characters at least: 15, because at basic a password stands alone (NIST SP 800-63B-4, 3.1.1.2). Where no
    // service takes basic, 8 do, and less is refused in production (ASVS 6.2.1). Passwords that are set already are not judged.
    leastLength: 15,
    // Words that belong into no password, beside the person's names, addresses and birth date, the deployment's and the
    // operator's names and the host: products, projects, departments. A password may hold them, when the rest is one too.
    contextWords: [],
    // commonPasswords: none by default. A list of your own in the place of the one that comes with Kapu, 49,000 common
    // passwords: scripts/common-passwords.ts writes it, from Have I Been Pwned for example (docs/operating.md).
    // t=2, m=19456 KiB, p=1 is the least that OWASP allows; about 23 ms of one core. Production refuses less.
    timeCost: 2,
    // KiB.
    memoryCost: 19_456,
    parallelism: 1,
    // Hashes computed at once; 0 is one a core. More would not be faster, only slow down everything beside them.
    atOnce: 0,
    // Sign-ins that may wait for their turn; past it the answer is 503 with Retry-After. Two cores clear 200 in about 3 s.
    queue: 200,
    // Who has waited this long is sent away with 503, rather than served after the browser gave up: for a hash, and before it at
    // the door, where people's requests wait until the process keeps up (src/web/turnstile.ts).
    queuePatience: '5s',
    // Wrong passwords for one account from one origin, and for all accounts from one origin, in `window`. The second is
    // larger, because an office or a mobile network stands behind one address. The same again for passkeys (one passkey in the
    // place of one account) and for activation codes; and as many resets as `triesPerOrigin` may be asked for from one origin.
    triesPerAccount: 10,
    triesPerOrigin: 100,
    window: '15m',
    // Wrong passwords for one account from everywhere together, within `anywhereWindow` of the first. Past it the account is
    // guarded, and nobody is locked out: docs/security.md, section 1. With knownTries it makes the 100 of NIST SP 800-63B-4, 3.2.2.
    triesFromAnywhere: 60,
    anywhereWindow: '30d',
    // What an origin may try in a day at a guarded account. These tries tell nothing, so that there may be as many as people
    // behind one address need; but `plainTries` of them can get into an account that no code can be mailed to.
    guardedTries: 30,
    plainTries: 3,
    // Wrong passwords in `anywhereWindow` that a browser in which the person has signed in before has for itself, whatever
    // happens elsewhere. Past it it is a browser like any other. As many wrong passkeys has such a browser, and as many wrong passwords
    // whoever is signed in and changes theirs.
    knownTries: 40,
  },

  emailCode: {
    // 6 to 10. More digits are harder to type, and guesses are limited anyway.
    digits: 6,
    // Once this many guesses at short codes of one account were wrong within `shortCodeWindow`, its codes are long, and short
    // ones count no more. A guess counts for each code that it is compared with, and not at all when its sign-in then
    // succeeds. 9 in 1,000,000 a year, and what can be guessed at long ones, stays below 1 in 100,000.
    shortCodeChances: 9,
    shortCodeWindow: '365d',
    // 8 to 14.
    longDigits: 12,
    // 10 minutes at most (ASVS 6.5.5).
    life: '10m',
    // Guesses in one sign-in.
    tries: 5,
    // The resend button answers from then on: most mails have come by that time.
    resendAfter: '30s',
    // Mails in one sign-in, the first one included.
    sendsPerSignIn: 5,
    // Mails to one account in `window`: nobody's mailbox is flooded. Resets that may be asked for one user name, and sign-ups for one
    // address, are as many in a day; a third of them from one origin.
    sendsPerAccount: 10,
    // Mails in all in `window`: a brake on a flood that uses many accounts. Set it above the busiest hour. For sign-ups a tenth as many,
    // apart from the others.
    sendsInAll: 20_000,
    // Wrong codes for one account in `window`, over all sign-ins, so that starting over buys nothing: at 20 in an hour,
    // who holds the password gains nothing by starting over.
    triesPerAccount: 20,
    window: '1h',
  },

  // What people are told of by mail, at every confirmed address that their account had when it happened: the first, the second, and
  // during a hold the one of before. A mail that no server
  // takes is tried again for a day.
  notices: {
    // An operator has set a password, disabled or enabled the account, or ended its sessions.
    passwordSet: true,
    accountDisabled: true,
    accountEnabled: true,
    sessionsEnded: true,
    // The right password was given in a browser in which the person has not signed in before, or not since their sessions
    // were ended; not at the very first sign-in of an account. One an hour and account, at most.
    newBrowser: true,
    // After the right password, wrong codes until there were no tries left. One an hour and account, at most.
    codesRefused: true,
    // A passkey was used whose counter says that there may be a copy of it. One an hour and account, at most.
    passkeyCopied: true,
    // A recovery code was used up in signing in.
    recoveryCodeUsed: true,
    // How often each process looks for notices that another one has written, such as `kapu account`, or has left to be tried
    // again. Its own leave at once.
    lookEvery: '5s',
  },

  mail: {
    // from: no default. The sender of all mails: 'Kapu <no-reply@login.example.hu>'.
    // transports: no default. SMTP servers, tried in order: { name, host, port, tls, user, password }. tls is 'implicit'
    // (usually port 465), 'starttls' (587), or 'none', which production refuses. Login: KAPU_SMTP_USER and
    // KAPU_SMTP_PASSWORD, for every transport that names no user of its own.
    // How long a server may take to answer before the next one is tried.
    connectPatience: '10s',
    // Pauses before all transports are tried again, in milliseconds. A mail whose code has expired is not sent.
    retryAfter: [2_000, 10_000, 60_000],
  },

  // What may expire: sessions, sign-ins, codes, limits. 'redis' or, for one process that may forget at a restart, 'memory'.
  state: { kind: 'redis' },

  // What must last: accounts, clients, consents, audit. 'sqlite' for the processes of one machine, which share
  // its file, 'postgres' for those of many.
  records: { kind: 'sqlite' },

  // The signing keys, written by `kapu keys`. Every process needs the same ones. Mode 0600. Their private parts are encrypted
  // where secrets.keyEncryptionKeys are given.
  keysFile: 'data/keys.json',
  // How often a running server looks at the keys file, so that keys come and go without a restart; SIGHUP has it look at
  // once. 10 minutes at most: a new key is published for an hour before it may sign, and every process has to publish it.
  keysRefresh: '30s',
  // signer: none by default. { module: './my-hsm.js', patience: '3s' }: a module of yours that signs with keys which Kapu
  // never has, as in an HSM; the path is taken from the directory that Kapu is started in, and the signature that takes
  // longer than patience is given up: 503. docs/operating.md says what the module has to be.

  // No defaults: a secret that everyone knows is none. Each at least 32 characters; `openssl rand -base64 32` makes one.
  // Best given by environment or files: KAPU_COOKIE_KEYS, KAPU_PEPPERS, KAPU_CODE_KEYS, KAPU_STATE_KEYS,
  // KAPU_CREDENTIAL_KEYS, KAPU_KEY_ENCRYPTION_KEYS, KAPU_PAIRWISE_SALT, or each with _FILE. Of a list the first is used for
  // what is new and all for what is old. To rotate, put a new one behind the first and restart every process, so that all know
  // it; move it to the front and restart again; take the old one away when nothing made with it is left (peppers: when every
  // owner has signed in).
  //   cookieKeys: ['…']; peppers: [{ id: 'a', key: '…' }], 'a:…' in the environment; codeKeys: ['…'];
  //   stateKeys: ['…']; credentialKeys: ['…'], without which authenticator apps are to be set up
  //   anew and recovery codes of that time work no more;
  //   keyEncryptionKeys: ['…'], the one list that may be empty: signing keys are in clear then;
  //   pairwiseSalt: '…', which can never change: every service would see new people. Passkeys' user handles, the own pages' secret and
  //   registration tokens come from it too.
  secrets: {},
} satisfies SettingsFile;

/** What holds for each kind of store, once the kind is known. */
export const defaultsOf = {
  state: {
    memory: { kind: 'memory' },
    redis: {
      kind: 'redis',
      // Where it is: one of the three, no default. docs/operating.md says which to choose and how to set each up.
      //   url: one server: 'rediss://host:6379/0'. Also KAPU_STATE_URL.
      //   sentinel: a master that Sentinels watch: { name: 'kapu', nodes: ['10.0.0.1:26379', '10.0.0.2:26379', …] }.
      //   cluster: some servers of a cluster, which name the others: { nodes: ['10.0.0.1:6379', …] }.
      // user, password: none by default. Also KAPU_STATE_USER and KAPU_STATE_PASSWORD, or in the url. The Sentinels' own:
      // sentinel.user and sentinel.password, KAPU_SENTINEL_USER and KAPU_SENTINEL_PASSWORD.
      // tls: on by rediss:// or by this group, { ca, cert, key }: PEM files; ca for an authority of your own, cert and key
      // where the servers ask for a certificate. Production refuses to reach another machine without TLS.
      // Put before every key, for a server that is shared.
      prefix: 'kapu:',
      // Milliseconds that one command may take before the answer is 503.
      commandPatience: 1_000,
      // wait: none by default. { replicas: 1, patience: 200 }: a code used up and a session ended count as such only once
      // so many replicas know of it, within so many milliseconds; otherwise the answer is 503. docs/operating.md says what
      // may happen without it when a master is lost, and what it costs.
    },
  },
  records: {
    sqlite: {
      kind: 'sqlite',
      // The database file. It is made where it is missing; its folder must exist.
      file: 'data/kapu.sqlite',
      // Milliseconds that a writer waits for another process, such as `kapu account` beside a server, before the answer is 503.
      lockPatience: 1_000,
    },
    postgres: {
      kind: 'postgres',
      // url: no default. 'postgres://user:password@host/kapu?sslmode=verify-full'. Also KAPU_RECORDS_URL.
      // Connections held at most, a process. Queries are short, and sign-ins wait for hashing rather than for them. All
      // processes together, twice over during an upgrade, must stay below the server's max_connections.
      connections: 10,
      // Milliseconds that one query may take before the answer is 503: waiting for a connection, connecting and asking
      // together, a transaction as a whole. All queries of one request may take one and a half times as long.
      queryPatience: 1_000,
      // A connection that nobody has used for this long is closed.
      idle: '60s',
    },
  },
} satisfies { state: Record<string, SettingsFile['state']>; records: Record<string, SettingsFile['records']> };
