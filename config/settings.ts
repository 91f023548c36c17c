/**
 * The settings: their shape, their checks, and their defaults' types. `default.ts` is the manual that explains each;
 * `load.ts` puts together defaults, the operator's file and the secrets from the environment.
 */

import { isIP } from 'node:net';
import { z } from 'zod';

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/** A text such as '30s', '15m', '12h' or '14d'; read as whole seconds. */
export const duration = z
  .string()
  .regex(/^[1-9]\d*[smhd]$/, "a duration is a number and a unit: '30s', '15m', '12h', '14d'")
  .transform((text) => Number(text.slice(0, -1)) * unitSeconds[text.slice(-1) as keyof typeof unitSeconds]);

/** An IP address, or a network in CIDR notation. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const storeUrl = (start: RegExp, form: string) =>
  z
    .string()
    .regex(start, `an address that starts with ${form}`)
    .refine((text) => URL.canParse(text), 'not an address: write special characters of a password as %40 and the like');

/** 'host:port', an IPv6 address in brackets. */
function isNode(text: string): boolean {
  const { host, port, pathname } = URL.parse(`redis://${text}`) ?? {};
  return host === text && port !== '' && pathname === '';
}

const nodes = z
  .array(z.string().refine(isNode, "a server is written 'host:port', an IPv6 address '[::1]:6379'"))
  .min(1);

const port = z.int().min(0).max(65535);
const listen = z.strictObject({ host: z.string().min(1), port });
const pemFiles = z.strictObject({ cert: z.string().min(1), key: z.string().min(1) });
const bilingual = z.strictObject({ hu: z.string().min(1), en: z.string().min(1) });
const methodName = z.string().regex(/^[a-z][a-z0-9-]*$/, 'a method name is lower-case letters, digits and hyphens');
const secret = z.string().min(32, 'a secret needs at least 32 characters');

const spelling = z
  .string()
  .regex(/^\S+$/, 'an acr value has no spaces: relying parties list values separated by spaces');
const alias = z
  .union([spelling, z.strictObject({ name: spelling, sunset: z.iso.date('a date such as 2027-06-30') })])
  .transform((written) =>
    typeof written === 'string'
      ? { name: written }
      : { name: written.name, sunset: new Date(`${written.sunset}T00:00:00Z`) },
  );

const level = z.strictObject({
  name: z.string().min(1).regex(/^\S+$/, 'a level name has no spaces: relying parties list names separated by spaces'),
  anyOf: z.array(z.array(methodName).min(1)).min(1),
  maxAge: z.record(methodName, duration).default({}),
  aliases: z.array(alias).default([]),
});

const transport = z.strictObject({
  name: z.string().min(1),
  host: z.string().min(1),
  port,
  /** 'implicit' speaks TLS from the first byte, 'starttls' upgrades or fails, 'none' is for the demo only. */
  tls: z.enum(['implicit', 'starttls', 'none']),
  user: z.string().optional(),
  password: z.string().optional(),
});

export const settingsSchema = z.strictObject({
  mode: z.enum(['production', 'demo']),
  issuer: z.url({ protocol: /^https?$/ }).refine((url) => !url.endsWith('/'), 'leave out the slash at the end'),
  listen,
  operations: listen,
  trustedProxies: z.array(z.string().refine(isNetwork, "an IP address, or a network such as '10.0.0.0/8'")),
  shutdownPatience: duration,
  limits: z.strictObject({ startsPerOrigin: z.int().min(1) }),
  log: z.strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug']) }),

  deployment: z.strictObject({
    name: bilingual,
    operator: bilingual,
    logo: z.string().optional(),
    colour: z.string().regex(/^#[0-9a-f]{6}$/i, "a colour is written '#rrggbb'"),
    help: z.strictObject({ url: z.url().optional(), phone: z.string().optional() }),
    locale: z.enum(['hu', 'en']),
    /** IANA name; the zone that mails name times in. */
    timeZone: z
      .string()
      .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', 'not an IANA time zone'),
  }),

  levels: z.array(level).min(1),
  methodsOff: z.array(methodName),
  scopes: z.record(
    z.string(),
    z.strictObject({ minimumLevel: z.string().optional(), excludedMethods: z.array(methodName).optional() }),
  ),

  // Consents keep both in one text of 255 characters at most.
  resources: z.record(
    z.url().max(190),
    z.strictObject({
      scopes: z
        .array(
          z
            .string()
            .max(60)
            .regex(/^[!#-[\]-~]+$/, 'a scope has no spaces and no quotes'),
        )
        .default([]),
      accessToken: z.enum(['jwt', 'opaque']).default('jwt'),
    }),
  ),

  /** Kapu's own TLS for `listen`: PEM files. */
  tls: pemFiles.optional(),
  /** Certificates of clients (RFC 8705). */
  mtls: z
    .strictObject({
      header: z
        .string()
        .regex(/^[A-Za-z0-9-]+$/, 'the name of a header')
        .transform((name) => name.toLowerCase())
        .optional(),
      ca: z.string().min(1).optional(),
      address: z
        .url({ protocol: /^https$/ })
        .refine((url) => new URL(url).origin === url, 'scheme and host alone, without a slash at the end')
        .optional(),
      listen: listen.extend(pemFiles.shape).optional(),
    })
    .optional(),

  outbound: z.strictObject({
    networks: z.array(z.string().refine(isNetwork, "an IP address, or a network such as '10.0.0.0/8'")),
    ca: z.string().min(1).optional(),
  }),

  backChannelLogout: z.strictObject({
    patience: duration,
    /** Pauses before a service is told again, in milliseconds. */
    retryAfter: z.array(z.int().min(1)),
    atOnce: z.int().min(1),
    waiting: z.int().min(1),
  }),

  deviceFlow: z.strictObject({
    enabled: z.boolean(),
    life: duration.refine((seconds) => seconds <= 1800, "a device's code lives 30 minutes at most"),
    interval: duration,
    /** Wrong codes that an origin may type in `window`. */
    guesses: z.int().min(1),
    window: duration,
  }),

  registration: z.strictObject({ enabled: z.boolean() }),

  /** People who make an account of their own. */
  signUp: z.strictObject({
    enabled: z.boolean(),
    /** What they are asked for beside user name, e-mail address and password. */
    asks: z.array(z.enum(['name', 'birthName', 'birthDate'])),
  }),

  /** Ways back into an account, and what they are worth. */
  recovery: z.strictObject({
    /** Whether a forgotten password can be replaced with the help of the account's mailbox. */
    byMail: z.boolean(),
    /** How long the mailbox alone counts for nothing after that, or after a change of address. */
    hold: duration,
    /** How many operators have to have seen the person before a desk check counts. */
    deskChecks: z.int().min(1).max(2),
    /** How long an activation or recovery code that an operator has issued can be used. */
    codeLife: duration,
  }),

  /** The person's own pages. */
  account: z.strictObject({
    /** How long ago plus may have been reached for a change of methods, address or password. */
    freshness: duration,
    /** Whether a first method of one's own may be set up by whoever has the password alone. */
    firstMethodOnPassword: z.boolean(),
    /** How long an account that its owner has deleted can still be taken back. */
    deleteAfter: duration,
  }),

  dpop: z.strictObject({ nonces: z.enum(['offered', 'required']) }),

  times: z.strictObject({
    sessionIdle: duration,
    sessionMax: duration,
    interaction: duration,
    code: duration,
    accessToken: duration,
    idToken: duration,
    refreshToken: duration,
    knownBrowser: duration.refine(
      (seconds) => seconds <= 400 * 24 * 3600,
      'browsers keep no cookie longer than 400 days',
    ),
    clientCache: duration,
  }),

  password: z.strictObject({
    /** Characters of a new password; 64 must always do (NIST SP 800-63B-4, 3.1.1.2). */
    leastLength: z.int().min(1).max(64),
    /** Words of this place that belong into no password. */
    contextWords: z.array(z.string().min(3)),
    /** A file in the place of the list that comes with Kapu. */
    commonPasswords: z.string().min(1).optional(),
    timeCost: z.int().min(1),
    memoryCost: z.int().min(8),
    parallelism: z.int().min(1),
    /** Hashes computed at once; 0 means as many as the machine has cores. */
    atOnce: z.int().min(0),
    queue: z.int().min(0),
    queuePatience: duration,
    /** Failures an account and origin, then an origin, may make in `window`. */
    triesPerAccount: z.int().min(1),
    triesPerOrigin: z.int().min(1),
    window: duration,
    /** Failures that an account may have from everywhere in `anywhereWindow`; past it, it is guarded. */
    triesFromAnywhere: z.int().min(1),
    anywhereWindow: duration,
    /** Tries that an origin has in a day at a guarded account, and how many of them get into one that no code can be mailed to. */
    guardedTries: z.int().min(1),
    plainTries: z.int().min(1),
    /** Failures in `anywhereWindow`, in a browser that the person has signed in with before, that count against nothing else. */
    knownTries: z.int().min(1),
  }),

  emailCode: z.strictObject({
    digits: z.int().min(6).max(10),
    /** Digits of an account's codes once `shortCodeChances` guesses were wrong in `shortCodeWindow`. */
    longDigits: z.int().min(8).max(14),
    shortCodeChances: z.int().min(1),
    shortCodeWindow: duration,
    life: duration.refine((seconds) => seconds <= 600, 'a code lives 10 minutes at most (ASVS 6.5.5)'),
    tries: z.int().min(1).max(10),
    resendAfter: duration,
    sendsPerSignIn: z.int().min(1),
    sendsPerAccount: z.int().min(1),
    sendsInAll: z.int().min(1),
    triesPerAccount: z.int().min(1),
    window: duration,
  }),

  /** Which notices people get by mail, and how often a process looks for what others have written. */
  notices: z.strictObject({
    passwordSet: z.boolean(),
    accountDisabled: z.boolean(),
    accountEnabled: z.boolean(),
    sessionsEnded: z.boolean(),
    newBrowser: z.boolean(),
    codesRefused: z.boolean(),
    passkeyCopied: z.boolean(),
    recoveryCodeUsed: z.boolean(),
    lookEvery: duration,
  }),

  mail: z.strictObject({
    from: z.string().regex(/@/, 'an e-mail address, with or without a name before it'),
    transports: z.array(transport).min(1),
    connectPatience: duration,
    /** Pauses between rounds over all transports, in milliseconds. */
    retryAfter: z.array(z.int().min(1)),
  }),

  state: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('memory') }),
    z
      .strictObject({
        kind: z.literal('redis'),
        url: storeUrl(/^rediss?:\/\//, 'redis://… or rediss://…').optional(),
        sentinel: z
          .strictObject({
            name: z.string().min(1),
            nodes,
            user: z.string().min(1).optional(),
            password: z.string().min(1).optional(),
          })
          .optional(),
        cluster: z.strictObject({ nodes }).optional(),
        user: z.string().min(1).optional(),
        password: z.string().min(1).optional(),
        /** PEM files. */
        tls: z
          .strictObject({ ca: z.string().optional(), cert: z.string().optional(), key: z.string().optional() })
          .optional(),
        prefix: z.string(),
        /** Milliseconds. */
        commandPatience: z.int().min(50),
        /** `patience` in milliseconds. */
        wait: z.strictObject({ replicas: z.int().min(1), patience: z.int().min(10) }).optional(),
      })
      .superRefine(({ url, sentinel, cluster }, { addIssue }) => {
        const [one, other] = Object.entries({ url, sentinel, cluster }).filter(([, place]) => place !== undefined);
        if (!one) addIssue({ code: 'custom', path: ['url'], message: 'is missing' });
        if (one && other) addIssue({ code: 'custom', path: [other[0]], message: `stands beside ${one[0]}: keep one` });
      }),
  ]),
  records: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('sqlite'),
      file: z.string().min(1),
      /** Milliseconds. */
      lockPatience: z.int().min(50).default(1_000),
    }),
    z.strictObject({
      kind: z.literal('postgres'),
      url: storeUrl(/^postgres(ql)?:\/\//, 'postgres://…'),
      connections: z.int().min(1),
      /** Milliseconds. */
      queryPatience: z.int().min(50),
      idle: duration.optional(),
    }),
  ]),

  /** Signing keys: a JWKS file that `kapu keys` writes. */
  keysFile: z.string().min(1),
  /** How soon a running server sees a change of it. */
  keysRefresh: duration.refine(
    (seconds) => seconds <= 600,
    'a new key is published for an hour: look every 10 minutes at least',
  ),
  /** A module that signs with keys which are not in the keys file. */
  signer: z.strictObject({ module: z.string().min(1), patience: duration.default(3) }).optional(),

  secrets: z.strictObject({
    /** Sign cookies. The first signs, all verify. */
    cookieKeys: z.array(secret).min(1),
    /** Keyed into password hashes. The first hashes, all verify. */
    peppers: z.array(z.strictObject({ id: z.string().regex(/^[a-z0-9]{1,16}$/i), key: secret })).min(1),
    /** Keyed into the hashes of e-mail codes, which live for minutes. A code is hashed with each, and guessed with the first. */
    codeKeys: z.array(secret).min(1),
    /** Encrypt what the state store keeps. The first encrypts, all decrypt. */
    stateKeys: z.array(secret).min(1),
    /**
     * For what lasts. Encrypt what people's own methods keep, such as the secret of an authenticator app, and hash recovery and activation
     * codes and sign the links that stop a change. The first encrypts, hashes and signs, all read.
     */
    credentialKeys: z.array(secret).min(1),
    /** Encrypt private keys in the keys file. The first encrypts, all decrypt. None: they are in clear. */
    keyEncryptionKeys: z.array(secret).default([]),
    /**
     * Keyed into pairwise subjects, passkeys' user handles, registration tokens and the secret of the own pages' client. It can never
     * change: every relying party would see new people.
     */
    pairwiseSalt: secret,
  }),
});

/** Settings as code uses them: durations in seconds, all parts present. */
export type Settings = z.output<typeof settingsSchema>;
/** Settings as files and defaults write them: durations as text. */
export type SettingsInput = z.input<typeof settingsSchema>;

type Partially<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Partially<T[K]> } : T;
/** What a settings file may say: any part of the settings. */
export type SettingsFile = Partially<SettingsInput>;
