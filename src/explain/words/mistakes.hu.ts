/** Magyarul: mi a hiba egy kérésben, és min kell változtatni. */

import type { Difference } from '../address.ts';
import type { Source } from '../mistakes.ts';
import type { MistakeWords } from './words.ts';

export const q = (text: string) => `„${text}”`;
/** A szöveg idézve, a hozzá illő névelővel. */
export const theQ = (text: string) => `${/^[aáeéiíoóöőuúüű]/i.test(text) ? 'az' : 'a'} ${q(text)}`;
export const all = (texts: readonly string[]) => new Intl.ListFormat('hu', { type: 'conjunction' }).format(texts);
export const either = (texts: readonly string[]) => new Intl.ListFormat('hu', { type: 'disjunction' }).format(texts);
const meant = (nearest: string | undefined, otherwise: string) =>
  nearest ? `erre gondolt: ${q(nearest)}?` : otherwise;

export const sources: Record<Source, string> = {
  claims: 'claims',
  acr_values: 'acr_values',
  default_acr_values: 'a kliens default_acr_values adata',
};

const parts: Record<Difference, string> = {
  scheme: 'a séma (http vagy https)',
  user: 'felhasználónév a gépnév előtt',
  host: 'a gépnév',
  port: 'a port',
  slash: 'a záró perjel',
  case: 'a kis- és nagybetűk',
  path: 'az útvonal',
  query: 'a „?” utáni rész',
  fragment: 'a „#” utáni rész',
  spelling: 'az írásmód',
};

const inWords = (differences: readonly Difference[]) => all(differences.map((each) => parts[each]));

export const mistakes: MistakeWords = {
  'not-an-address': () => ['ez nem teljes cím', 'másolja be az elejétől (https://) a legvégéig'],
  'other-server': ({ given, expected, differences }) => [
    `${given} nem ez a kiszolgáló; az eltérés: ${inWords(differences)}`,
    `ide küldje a felhasználót: ${expected}`,
  ],
  'other-page': ({ given, expected }) => [
    `${given} nem az authorization endpoint`,
    `ezt használja: ${expected}, vagy olvassa ki a discovery dokumentumból`,
  ],
  'html-escaped': () => [
    '„&amp;” áll „&” helyett',
    'a címet egy oldal forrásából másolták ki: úgy használja, ahogy a böngésző mutatja',
  ],
  fragment: () => ['ami a „#” után áll, soha nem jut el a kiszolgálóhoz', 'tegye a „#” elé, vagy hagyja el'],
  'secret-in-url': ({ parameter }) => [
    `${parameter} a címben áll, ahol böngészők, proxyk és naplók megőrzik`,
    'vegye ki, és cserélje le a titkot: már kikerült. Titoknak a token kérésben a helye',
  ],
  'unknown-parameter': ({ given, nearest }) => [`nincs ${q(given)} paraméter`, `erre gondolt: ${q(nearest)}?`],

  repeated: ({ parameter }) => [`${parameter} többször szerepel`, 'adja meg egyszer'],
  'missing-client-id': () => [
    'hiányzik a client_id',
    'adja meg azt az azonosítót, amellyel a szolgáltatást bejegyezték',
  ],
  'unknown-client': ({ given }) => [
    `nincs ${q(given)} kliens`,
    'jegyezze be (`kapu client put`), vagy javítsa ki az azonosítót (`kapu client list`)',
  ],
  'request-and-request-uri': () => ['request és request_uri egyszerre szerepel', 'csak az egyiket adja meg'],
  'request-uri-elsewhere': () => [
    'a request_uri nem ettől a kiszolgálótól származik',
    'előbb küldje be a kérést (RFC 9126), és a válaszban kapott request_uri értéket használja',
  ],
  'request-unreadable': ({ parameter }) => [
    `a kérés tartalma ebben a paraméterben van: ${parameter}, amely itt nem olvasható`,
    'olyan címet adjon meg, amelyben még a paraméterek állnak, beküldés és aláírás előtt',
  ],
  'unsupported-response-mode': ({ given }) => [
    `nincs ${q(given)} response_mode`,
    'hagyja el: a válasz a címben érkezik; vagy használja ezt: „form_post”',
  ],
  'missing-response-type': () => ['hiányzik a response_type', 'adja hozzá: response_type=code'],
  registration: () => ['a registration nem támogatott', 'hagyja el: a klienseket az üzemeltető jegyzi be'],
  'unsupported-response-type': ({ given }) => [
    `a response_type nem lehet ${q(given)}`,
    'használja ezt: response_type=code; a tokeneket a token endpoint adja, nem a böngészőn át jönnek',
  ],
  'missing-redirect-uri': ({ registered }) => [
    'hiányzik a redirect_uri',
    `adja meg, hová menjen a válasz: ${either(registered)}`,
  ],
  'unregistered-redirect-uri': ({ given, nearest, differences, native }) => [
    `a redirect_uri nincs bejegyezve: ${q(given)}; eltérés ettől: ${q(nearest)}: ${inWords(differences)}`,
    `használjon bejegyzettet, betűre pontosan, vagy jegyezze be ezt${
      differences.includes('port') && !native
        ? '. Tetszőleges portot csak application_type native kliens használhat, loopback címen'
        : ''
    }`,
  ],
  'unknown-prompt': ({ given, nearest }) => [
    `nincs ${q(given)} prompt`,
    meant(nearest, 'ismert értékek: none, login, consent, select_account'),
  ],
  'prompt-none-combined': ({ given }) => [
    `a prompt=none mellett más is áll: ${q(given)}`,
    'a „none” nem mutat oldalt, a többi azt kér: válasszon',
  ],
  'scope-form': () => ['a scope nem szavak listája', 'egy-egy szóközzel válassza el a scope-okat, idézőjelek nélkül'],
  'scope-not-allowed': ({ given }) => [
    `ez a kliens nem kérheti ezt a scope-ot: ${q(given)}`,
    'hagyja el, vagy vegye fel a kliens scope adatába',
  ],
  'unknown-scope': ({ given, nearest }) => [
    `nincs ${q(given)} scope: figyelmen kívül marad`,
    meant(nearest, 'hagyja el'),
  ],
  'scope-of-resource': ({ given, resource }) => [
    `${theQ(given)} scope egy API-hoz tartozik, és resource nélkül figyelmen kívül marad`,
    `adja hozzá: resource=${resource}`,
  ],
  'missing-openid': ({ because }) => [
    because ? `hiányzik az openid scope, amely ehhez kell: ${because}` : 'openid scope nélkül nincs ID token',
    'vegye fel az openid-t a scope-ba',
  ],
  'no-scope': () => ['nem kér olyan scope-ot, amelyet ez a kliens megkaphat', 'legalább az openid-t kérje'],
  'offline-without-consent': () => [
    'az offline_access figyelmen kívül marad: prompt=consent kell hozzá',
    'adja hozzá: prompt=consent, vagy hagyja el az offline_access-t (OpenID Connect Core, 11)',
  ],
  'offline-not-registered': () => [
    'az offline_access figyelmen kívül marad: ez a kliens nem frissíthet tokent',
    'vegye fel a refresh_token értéket a kliens grant_types adatába, vagy hagyja el',
  ],

  'missing-challenge': () => [
    'hiányzik a code_challenge: a PKCE kötelező',
    'adja hozzá a code_challenge értéket (egy új, véletlen code_verifier SHA-256 lenyomata base64url alakban) és ezt: code_challenge_method=S256',
  ],
  'missing-challenge-method': () => ['hiányzik a code_challenge_method', 'adja hozzá: code_challenge_method=S256'],
  'challenge-method': ({ given }) => [
    `a code_challenge_method nem lehet ${q(given)}`,
    'használja ezt: S256; a plain értékkel annak, aki a címet olvassa, a verifier is a birtokában van',
  ],
  'method-without-challenge': () => [
    'code_challenge_method van, de code_challenge nincs',
    'adja hozzá a code_challenge értéket: a code_verifier SHA-256 lenyomata base64url alakban',
  ],
  'challenge-form': ({ length }) => [
    `a code_challenge nem base64url alakú SHA-256 (${length} karakter)`,
    'egy S256 challenge 43 karakter: betű, számjegy, „-” és „_”, a végén „=” nélkül',
  ],
  'missing-state': () => [
    'hiányzik a state',
    'adjon hozzá egy véletlen értéket, és őrizze a böngésző munkamenetében: ez köti a választ ehhez a böngészőhöz',
  ],
  'missing-nonce': () => [
    'hiányzik a nonce',
    'adjon hozzá egy véletlen értéket, és vesse össze az ID tokenben lévővel',
  ],

  'claims-not-json': () => [
    'a claims nem JSON',
    'így írja, százalékkódolva: {"id_token":{"acr":{"essential":true,"value":"plus"}}}',
  ],
  'claims-not-object': () => [
    'a claims JSON ugyan, de nem objektum',
    'tegye köré: {"id_token":{…}} vagy {"userinfo":{…}}',
  ],
  'claims-empty': ({ acr }) => [
    acr ? 'az acr önmagában áll a claims-ben' : 'a claims-ben sem id_token, sem userinfo nincs',
    'tegye az id_token alá: {"id_token":{"acr":{…}}}',
  ],
  'claims-part': ({ part }) => [`claims.${part} nem objektum`, `így írja: {"${part}":{"acr":{…}}}`],
  'claims-member': ({ part, claim }) => [
    `claims.${part}.${claim} se nem null, se nem objektum`,
    'írjon null értéket, vagy ezt: {"essential":true,"value":"…"}',
  ],
  'acr-malformed': ({ said }) => [
    `az acr hibás a claims-ben (${said})`,
    said.includes('essential')
      ? 'így írja: "essential": true, idézőjelek nélkül a true körül'
      : 'így írja: {"essential":true,"value":"plus"} vagy {"essential":true,"values":["plus"]}',
  ],
  'acr-misplaced': ({ where }) => [
    where === 'top' ? 'az acr önmagában a claims-ben nem kér semmit' : 'az acr a userinfo alatt nem kér semmit',
    'tegye az id_token alá: {"id_token":{"acr":{…}}}',
  ],
  'essential-without-value': () => [
    'az acr kötelező (essential), de nincs értéke: bármelyik szint megfelel',
    'adja hozzá: "value": "plus"',
  ],
  'resource-form': ({ given }) => [`a resource nem teljes cím: ${q(given)}`, 'sémával együtt írja, „#” nélkül'],
  'unknown-resource': ({ given, nearest }) => [
    `nincs ilyen API: ${q(given)}`,
    meant(nearest, 'az API-kat az üzemeltető sorolja fel a beállításokban (resources)'),
  ],
  'resource-not-listed': ({ given }) => [
    `ez a kliens nem kérhet tokent ehhez: ${q(given)}`,
    'vegye fel a kliens resources adatába',
  ],
  'max-age': ({ given }) => [`a max_age nem egész másodpercszám: ${q(given)}`, 'öt perchez ezt írja: max_age=300'],
  'id-token-hint': () => ['az id_token_hint nem token', 'az ID tokent úgy adja meg, ahogy kapta, mindhárom részét'],

  'unknown-level': ({ given, source, nearest }) => [
    `nincs ${q(given)} szint (forrása: ${sources[source]})`,
    meant(nearest, 'a szinteket a discovery sorolja fel (acr_values_supported)'),
  ],
  'retired-alias': ({ given, level, sunset }) => [
    `${q(given)} ${theQ(level)} szint régi neve, és eddig volt használható: ${sunset.toISOString().slice(0, 10)}`,
    `kérje ezt: ${q(level)}, és ezt fogadja el a tokenben`,
  ],
  'level-in-url-only': ({ level }) => [
    `csak a cím kéri ${theQ(level)} szintet, a címet pedig bárki átírhatja`,
    `ha a szolgáltatás minden bejelentkezéséhez ez kell, állítsa be a kliensnél: "minimum_level": "${level}"; az acr értékét mindenképp ellenőrizze a tokenben`,
  ],
  'person-cannot-reach': ({ person, level, weaker }) => [
    `${person} semmilyen módon nem érheti el ${theQ(level)} szintet`,
    `${weaker ? `ha gyengébb is megfelel, sorolja fel utána (acr_values=${level} ${weaker}); különben ` : ''}a felhasználónak be kell állítania hozzá egy módszert`,
  ],
  'nobody-can-reach': ({ level }) => [
    `itt senki nem érheti el ${theQ(level)} szintet: a módszerei ki vannak kapcsolva, vagy ennél a kliensnél, scope-nál nem számítanak`,
    'kérjen más szintet, vagy változtasson ezeken: excluded_methods, methodsOff',
  ],
  'weaker-than-wished': ({ wished, reached, person }) => [
    `${person ?? 'a felhasználó'} nem éri el ezt: ${q(wished)}, így a tokenben ez lesz: ${q(reached)}`,
    'a felsorolás ezt megengedi: nézze meg az acr értékét, mielőtt olyat mutat, amihez több kell',
  ],
};
