import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makePlace, type Place } from './run.ts';

const client = {
  client_id: 'tax',
  client_name: 'Adóbevallás',
  client_uri: 'https://tax.example.hu/',
  redirect_uris: ['https://tax.example.hu/callback'],
};

let place: Place;
let url: string;
beforeAll(async () => {
  place = await makePlace(1);
  // One way to each level: what else comes with Kapu is not what is told here.
  await place.change((settings) => {
    settings.levels = [
      { name: 'basic', anyOf: [['password']] },
      { name: 'plus', anyOf: [['password', 'email-code']], maxAge: { 'email-code': '15m' } },
    ];
  });
  await place.kapu(['migrate']);
  await place.kapu(['client', 'put', '-'], JSON.stringify(client));
  const anna = ['anna', '--email', 'anna@demo.example', '--email-verified', '--no-password'];
  await place.kapu(['account', 'add', ...anna]);
  await place.kapu(['account', 'add', 'bela', '--no-password']);
  await place.kapu(['account', 'add', 'eva', '--no-password']);
  await place.kapu(['account', 'disable', 'eva']);
  const query = new URLSearchParams({
    ...{ client_id: 'tax', response_type: 'code', redirect_uri: 'https://tax.example.hu/callback', scope: 'openid' },
    ...{ state: 's', nonce: 'n', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' },
    ...{ code_challenge_method: 'S256', claims: '{"id_token":{"acr":{"essential":true,"value":"plus"}}}' },
  });
  url = `${place.settings.issuer}/auth?${query}`;
});
afterAll(() => place.remove());

const explain = (...args: string[]) => place.kapu(['explain', ...args]);

describe('a request that works: exit 0', () => {
  test('from nobody signed in to the token', async () => {
    expect(await explain(url)).toEqual({
      code: 0,
      err: '',
      out: `This works: the person sees 2 pages, and the service gets a code for a token with acr 'plus'.

What was understood
  service        Adóbevallás (tax)
  comes back to  https://tax.example.hu/callback
  scopes given   openid
  level asked    plus: level 'plus'; essential, in claims
  at least       level 'plus', or the service gets an error
  who signs in   somebody who has set up every method
  the browser    nobody is signed in

What the person sees
  1. Username and password: nobody is signed in.
  2. Email code: level 'plus' needs it.

What the token will say
  acr        plus
  amr        pwd otp
  auth_time  the moment of this sign-in
  Check that acr is 'plus': the URL goes through the browser, where anyone can change it.

What to change
  Nothing.
`,
    });
  });

  test('in Hungarian, for a session whose plus has aged', async () => {
    const { code, out } = await explain(
      url,
      '--session',
      'plus',
      '--age',
      '20m',
      '--account',
      'anna',
      '--locale',
      'hu',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/aki bejelentkezik +anna\n/);
    expect(out).toContain('bejelentkezve: 20 perccel ezelőtt; most „basic” szintet ér');
    expect(out).toContain('  1. E-mailes kód: a legutóbbi régebbi, mint amit a „plus” szint megenged.\n\n');
    expect(out).toContain('auth_time  20 perccel ezelőtt');
  });

  test('without a page', async () => {
    const { code, out } = await explain(url, '--session', 'plus');
    expect(code).toBe(0);
    expect(out).toContain('What the person sees\n  Nothing: the browser comes straight back to the service.\n');
  });

  test('from standard input, which a shell does not remember', async () => {
    expect((await place.kapu(['explain', '-'], `${url}\n`)).code).toBe(0);
  });

  test('as JSON', async () => {
    const { code, out } = await explain(url, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      works: true,
      steps: [{ method: 'password' }, { method: 'email-code', why: 'level' }],
      outcome: { kind: 'token', acr: 'plus', amr: ['pwd', 'otp'] },
      mistakes: [],
    });
  });
});

describe('a request that fails: exit 1', () => {
  test('for one person', async () => {
    const { code, out } = await explain(url, '--account', 'bela');
    expect(code).toBe(1);
    expect(out).toContain(
      "the person sees one page, and the service gets the error 'unmet_authentication_requirements'.",
    );
    expect(out).toMatch(/What to change\n {2}error {2}bela has no way to level 'plus'\n {9}if a weaker level will do/);
  });

  test('for everybody: the mistakes, with what to change, and no secret of them', async () => {
    const wrong = `${url.replace('callback', 'callback%2F')}&client_secret=never-print-me-anywhere`;
    const { code, out } = await explain(wrong);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^This fails: the person sees an error page \(invalid_redirect_uri\), and the service hears nothing\./,
    );
    expect(out).toContain(
      "  error    redirect_uri 'https://tax.example.hu/callback/' is not registered; it differs from 'https://tax.example.hu/callback' in a slash at the end\n",
    );
    expect(out).toContain('  warning  client_secret stands in the URL');
    expect(out).not.toContain('never-print-me');
    expect((await explain(wrong, '--json')).out).not.toContain('never-print-me');
  });

  test('that is none', async () => {
    const { code, out } = await explain('tax');
    expect([code, out]).toEqual([
      1,
      `This fails: it is no authorization request to this Kapu.

What the person sees
  Nothing of this Kapu.

What to change
  error  this is no whole address
         paste it from the first letter, https://, to the last
`,
    ]);
  });
});

describe('a client before it is put', () => {
  const library = { ...client, client_id: 'library', first_party: false };

  test('is read from its file', async () => {
    await place.file('library.json', JSON.stringify(library));
    const asked = url.replace('client_id=tax', 'client_id=library');
    expect((await explain(asked)).code).toBe(1);
    const { code, out } = await explain(asked, '--client-file', place.at('library.json'));
    expect([code, out]).toEqual([0, expect.stringContaining('Consent to openid: the person has not allowed all')]);
  });

  test('has to be the one that the URL names, and one that can be used', async () => {
    await place.file('library.json', JSON.stringify(library));
    expect(await explain(url, '--client-file', place.at('library.json'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('describes another client than the URL names\n  hint: mend one of the two\n'),
    });
    await place.file('library.json', JSON.stringify({ ...library, redirect_uris: ['nowhere'] }));
    expect(await explain(url, '--client-file', place.at('library.json'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('redirect_uris[0]: is not a whole address'),
    });
  });
});

describe('wrong usage: exit 2', () => {
  test.each<[string[], string]>([
    [['--account', 'nobody'], "there is no account 'nobody'\n  hint: see `kapu account list`"],
    [['--account', 'eva'], 'account eva is disabled: nobody can sign in to it'],
    [['--session', 'gold'], "there is no level 'gold'\n  hint: known here: none, basic, plus"],
    [['--session', 'plus', '--account', 'bela'], "bela cannot have reached level 'plus'"],
    [['--session', 'plus', '--age', '13h'], 'a session lives 12 hours at most'],
    [['--age', 'long'], "argument 'long' is invalid. Write a number and a unit"],
    [['--locale', 'de'], 'Allowed choices are hu, en'],
  ])('%j', async (args, said) => {
    const { code, out, err } = await explain(url, ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
  });
});
