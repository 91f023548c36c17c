/** Magyarul. */

import { all, either, mistakes, q, sources, theQ } from './mistakes.hu.ts';
import type { Words } from './words.ts';

const sees = (pages: number) =>
  pages === 0 ? 'a felhasználó nem lát oldalt' : `a felhasználó ${pages === 1 ? 'egy' : pages} oldalt lát`;

export const hu: Words = {
  headings: {
    understood: 'Amit a kérésből kiolvastunk',
    steps: 'Amit a felhasználó lát',
    token: 'Amit a token tartalmazni fog',
    mistakes: 'Amin változtatni kell',
  },
  severities: { error: 'hiba', warning: 'figyelmeztetés' },
  summary(outcome, pages) {
    switch (outcome.kind) {
      case 'token':
        return `Működik: ${sees(pages)}, és a szolgáltatás kódot kap${outcome.idToken ? `; a tokenben az acr ${q(outcome.acr)}` : ''}.`;
      case 'error':
        return outcome.to === 'service'
          ? `Nem működik: ${sees(pages)}, és a szolgáltatás ezt a hibát kapja: ${q(outcome.error)}.`
          : `Nem működik: a felhasználó hibaoldalt lát (${outcome.error}), a szolgáltatás pedig nem értesül semmiről.`;
      case 'unreadable':
        return 'Nem a címben áll, hogy mit kér: innen semmi nem mondható róla.';
      case 'elsewhere':
        return 'Nem működik: ez nem ennek a Kapunak szóló bejelentkezési kérés.';
    }
  },
  labels: {
    client: 'szolgáltatás',
    redirect: 'ide tér vissza',
    scopes: 'megkapott scope-ok',
    resources: 'ehhez az API-hoz',
    asked: 'kért szint',
    floor: 'legalább',
    minimum: 'előírás',
    excluded: 'nem számít',
    freshness: 'mennyire friss',
    prompts: 'prompt',
    person: 'aki bejelentkezik',
    session: 'a böngészőben',
  },
  client: ({ id, firstParty }, name) => `${name} (${id})${firstParty ? '' : ', külső szolgáltatás'}`,
  ask({ value, source, essential, level, alias }) {
    const kind = source === 'claims' ? (essential ? 'kötelező (essential)' : 'önkéntes') : 'kívánság';
    const name = alias ? `${theQ(level!)} szint másik neve` : `${q(level!)} szint`;
    const sunset = alias?.sunset ? ` (eddig: ${alias.sunset.toISOString().slice(0, 10)})` : '';
    return `${value}: ${level ? name + sunset : 'itt ismeretlen'}; ${kind}, forrása: ${sources[source]}`;
  },
  floor: (level) => `${q(level)} szint, különben a szolgáltatás hibát kap`,
  minimum: ({ level, scope }) =>
    scope ? `${level}, ${theQ(scope)} scope miatt` : `${level}, a kliens minimum_level beállítása miatt`,
  freshness({ seconds, source }, duration) {
    if (seconds === 0) return `mindent újra kér (${source === 'prompt' ? 'prompt=login' : `${source} 0`})`;
    return `ami régebbi, mint ${duration}, nem számít (${source})`;
  },
  anybody: 'bárki, aki minden módszert beállított',
  nobody: 'senki nincs bejelentkezve',
  session: (level, ago) =>
    `bejelentkezve: ${ago}; most ${level ? `${q(level)} szintet ér` : 'egyik szintet sem éri el'}`,

  noSteps(outcome) {
    if (outcome.kind === 'unreadable') return 'Attól függ, mit kér.';
    if (outcome.kind === 'elsewhere') return 'Ebből a Kapuból semmit.';
    const page = outcome.kind === 'error' && outcome.to === 'person';
    return page ? 'Egy hibaoldalt.' : 'Semmit: a böngésző azonnal visszatér a szolgáltatáshoz.';
  },
  selectAccount: 'Fiókválasztás: a bejelentkezett felhasználó, vagy egy másik.',
  signUp: 'Új fiók létrehozása: e-mail-cím, kód, felhasználónév és jelszó; vagy bejelentkezés egy meglévővel.',
  choose: (titles) => `Módszerválasztás: ${either(titles)}.`,
  method(title, why, level, mayDecline) {
    const reasons = {
      nobody: 'senki nincs bejelentkezve',
      anew: 'a kérés újra kéri',
      'max-age': 'a legutóbbi régebbi, mint amit a kérés megenged',
      aged: `a legutóbbi régebbi, mint amit ${theQ(level)} szint megenged`,
      level: `${theQ(level)} szinthez kell`,
    };
    return `${title}: ${reasons[why]}.${mayDecline ? ' Az oldal felkínálja a továbblépést enélkül is.' : ''}`;
  },
  consent(why, scopes) {
    const reasons = {
      asked: 'a kérés ezt kéri (prompt=consent)',
      'each-time': 'külső alkalmazásról mindig megkérdezzük a felhasználót',
      scopes: 'ezt a felhasználó még nem engedélyezte teljesen',
    };
    return `Hozzájárulás (${all(scopes)}): ${reasons[why]}.`;
  },

  andOneOf: (values) => `és ${values.join(' vagy ')}`,
  thisMoment: 'ennek a bejelentkezésnek a pillanata',
  noIdToken: 'nincs ID token',
  check: (acceptable) =>
    `Ellenőrizze, hogy az acr értéke ${either(acceptable.map(q))}: a cím a böngészőn megy át, ahol bárki átírhatja.`,
  noMistakes: 'Semmin.',
  mistakes,
};
