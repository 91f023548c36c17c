/**
 * Certificates that clients show (RFC 8705): where they come from, whom they name, and whose word that is. A certificate comes
 * with the connection, on Kapu's own listener that asks for one, or in a header that a trusted proxy sets; from anybody else
 * that header is dropped before (src/web/proxies.ts). Revocation lists are not read: certificates of clients should be short-lived.
 */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TLSSocket } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { Context } from 'koa';
import type { Settings } from '../../../config/settings.ts';

/** TLS Web Client Authentication (RFC 5280, 4.2.1.12). */
const clientAuthentication = '1.3.6.1.5.5.7.3.2';

export interface Certificates {
  /** The certificate that came with the request, whoever made it. */
  getCertificate(ctx: Context): X509Certificate | undefined;
  /** Whether one of the deployment's authorities vouches for it now. */
  certificateAuthorized(ctx: Context): boolean;
  /** Whether it names `expected`, by the client's registered `property` (RFC 8705, 2.1.2). */
  certificateSubjectMatches(ctx: Context, property: string, expected: string): boolean;
}

/** Certificates as `settings` say. Reads the authorities' file; throws when it cannot be read or holds none. */
export function createCertificates(settings: NonNullable<Settings['mtls']>, now: () => Date): Certificates {
  const authorities = settings.ca === undefined ? [] : certificatesIn(readFileSync(settings.ca, 'utf8'));
  if (settings.ca !== undefined && authorities.length === 0) throw new Error(`'${settings.ca}' holds no certificate`);
  const isCurrent = ({ validFromDate, validToDate }: X509Certificate) => validFromDate <= now() && now() <= validToDate;

  const host = settings.address === undefined ? undefined : new URL(settings.address).host;
  /** Where certificates have an address of their own, a proxy asks for them there alone; elsewhere the header may be anybody's. */
  const isAsked = (ctx: Context) => host === undefined || ctx.host.toLowerCase() === host;

  function getCertificate(ctx: Context): X509Certificate | undefined {
    const { socket } = ctx.req;
    const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    if (shown || settings.header === undefined || !isAsked(ctx)) return shown;
    return readHeader(ctx.get(settings.header));
  }
  return {
    getCertificate,
    certificateAuthorized(ctx) {
      const certificate = getCertificate(ctx);
      if (!certificate || !isCurrent(certificate)) return false;
      const uses = certificate.keyUsage as string[] | undefined;
      if (uses && !uses.includes(clientAuthentication)) return false;
      return authorities.some(
        (authority) =>
          authority.ca &&
          isCurrent(authority) &&
          certificate.checkIssued(authority) &&
          certificate.verify(authority.publicKey),
      );
    },
    certificateSubjectMatches(ctx, property, expected) {
      const certificate = getCertificate(ctx);
      return certificate !== undefined && names(certificate, property, expected);
    },
  };
}

/**
 * A certificate in a header: as RFC 9440 has it, as nginx escapes PEM, or as DER in base64. Of several none is believed: one may be
 * the client's own header, which the proxy has left standing before its own.
 */
function readHeader(text: string): X509Certificate | undefined {
  if (text === '' || text.includes(',')) return undefined;
  try {
    const [, bytes] = /^:?([A-Za-z0-9+/]+={0,2}):?$/.exec(text) ?? [];
    if (bytes) return new X509Certificate(Buffer.from(bytes, 'base64'));
    const pem = decodeURIComponent(text);
    return pem.split('-----BEGIN').length === 2 ? new X509Certificate(pem) : undefined;
  } catch {
    return undefined;
  }
}

function certificatesIn(pem: string): X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.map((each) => new X509Certificate(each));
}

/** The kinds of alternative names, as Node writes them. */
const kinds: Record<string, string> = {
  tls_client_auth_san_dns: 'DNS',
  tls_client_auth_san_uri: 'URI',
  tls_client_auth_san_ip: 'IP Address',
  tls_client_auth_san_email: 'email',
};

function names(certificate: X509Certificate, property: string, expected: string): boolean {
  if (property === 'tls_client_auth_subject_dn') return isSubject(certificate.subject, expected);
  const alternatives = alternativesOf(certificate.subjectAltName ?? '');
  return alternatives.some(({ kind, value }) => kind === kinds[property] && value === expected);
}

/** Attributes that stand together (RFC 5280, 4.1.2.4), nearly always one; in no order. */
type RelativeName = { type: string; value: string }[];

/** Whether a subject as Node writes it, a relative name a line and from the other end, is the `expected` name of RFC 4514. */
export function isSubject(subject: string | undefined, expected: string): boolean {
  if (!subject) return false;
  const shown = subject.split('\n').map(relativeName);
  return isDeepStrictEqual(shown, partsOf(expected, ',').map(relativeName).toReversed());
}

function relativeName(text: string): RelativeName {
  const attributes = partsOf(text, '+').map((part) => {
    // Space that is not escaped belongs to the writing, not to the name.
    const [, type = '', value = ''] = /^\s*([^=]*)=\s*((?:\\.|[^\\])*?)\s*$/s.exec(part) ?? [];
    return { type, value: unescaped(value) };
  });
  return attributes.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** What stands between the separators that are not escaped. */
function partsOf(text: string, separator: ',' | '+'): string[] {
  return text.match(separator === ',' ? /(?:\\.|[^,\\])+/gs : /(?:\\.|[^+\\])+/gs) ?? [];
}

/** RFC 4514, 2.4: a character, or a byte of its UTF-8 in two hexadecimal digits. */
function unescaped(value: string): string {
  return value.replaceAll(/((?:\\[0-9a-f]{2})+)|\\(.)/gis, (_, bytes?: string, character = '') =>
    bytes === undefined ? character : Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString(),
  );
}

/** Alternative names as Node writes them: 'DNS:a, URI:b'; a value with a comma or a quote in it stands in quotes, as JSON. */
export function alternativesOf(text: string): { kind: string; value: string }[] {
  const found = text.matchAll(/(?:^|, )(DNS|URI|IP Address|email):("(?:\\.|[^"\\])*"|[^,]*)/g);
  return [...found].map(([, kind = '', value = '']) => ({
    kind,
    value: value.startsWith('"') ? String(JSON.parse(value)) : value,
  }));
}

/** What the protocol library has to know of certificates. */
export function certificateFeature(mtls: NonNullable<Settings['mtls']>, now: () => Date) {
  return {
    enabled: true,
    certificateBoundAccessTokens: true,
    selfSignedTlsClientAuth: true,
    tlsClientAuth: mtls.ca !== undefined,
    ...createCertificates(mtls, now),
  };
}

/** Where services that show certificates find the endpoints that they call (RFC 8705, 5); `devices` where devices may begin. */
export function aliasesAt(address: string, devices: boolean) {
  return {
    mtls_endpoint_aliases: {
      token_endpoint: `${address}/token`,
      revocation_endpoint: `${address}/token/revocation`,
      introspection_endpoint: `${address}/token/introspection`,
      pushed_authorization_request_endpoint: `${address}/request`,
      userinfo_endpoint: `${address}/userinfo`,
      ...(devices && { device_authorization_endpoint: `${address}/device/auth` }),
    },
  };
}
