/** The alert rules in docs/: they ask for nothing that a running server does not show, and the guide explains each. */

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { atCodePage, credentials, signIn } from '../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}

const read = (path: string) => readFile(new URL(`../../docs/${path}`, import.meta.url), 'utf8');
const { groups } = parse(await read('alerts.yml')) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** Prometheus' own. */
const given = ['instance', 'job'];

let kapu: TestKapu;
/** What /metrics shows after something of everything has happened: by name, the labels of each series. */
let shown: Map<string, Record<string, string>[]>;

beforeAll(async () => {
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.password.triesPerAccount = 2;
    },
  });
  const service = await kapu.service();
  const { agent, page } = await atCodePage(kapu, service);
  const right = await kapu.codeFor(page);
  await agent.submit(page, { code: right === '000000' ? '111111' : '000000' });
  await signIn(kapu, service, kapu.agent());
  const guesser = kapu.agent();
  const visit = await service.visit(guesser);
  for (let tries = 0; tries < 3; tries++)
    await guesser.submit(visit.page, { ...credentials('john'), password: 'not the password' });
  const web = { authorization: `Basic ${btoa('demo-web:wrong')}` };
  await fetch(`${kapu.issuer}/token`, {
    method: 'POST',
    headers: web,
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'none' }),
  });
  shown = seriesOf(await (await fetch(`${kapu.operations}/metrics`)).text());
});
afterAll(() => kapu.stop());

function seriesOf(text: string): Map<string, Record<string, string>[]> {
  const all = new Map<string, Record<string, string>[]>();
  for (const [, name, labels = ''] of text.matchAll(/^([a-z_]+)(?:\{(.*)\})? \S+$/gm))
    all.set(name!, [...(all.get(name!) ?? []), labelsOf(labels)]);
  return all;
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label, value]));
}

/** What `expr` asks for that is not shown. */
function missing(expr: string): string[] {
  const faults: string[] = [];
  const named = [...expr.matchAll(/\b((?:kapu|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)];
  for (const [, name, matchers = ''] of named) {
    const series = shown.get(name!);
    if (!series) faults.push(`${name} is not shown`);
    const fits = (labels: Record<string, string>) =>
      [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].every(([, label, how, wanted]) => {
        const value = labels[label!];
        if (value === undefined) return false;
        // Which statuses there are is HTTP's business.
        if (label === 'status') return /^\d{3}$/.test(wanted!);
        const same = how!.includes('~') ? new RegExp(`^(?:${wanted})$`).test(value) : value === wanted;
        return how!.startsWith('!') ? !same : same;
      });
    if (series && !series.some(fits)) faults.push(`${name}{${matchers}} is not shown`);
  }
  for (const [, list] of expr.matchAll(/\bby \(([^)]*)\)/g))
    for (const label of list!.split(/,\s*/).filter((one) => !given.includes(one)))
      if (!named.some(([, name]) => shown.get(name!)?.some((labels) => label in labels)))
        faults.push(`no label ${label}`);
  return faults;
}

describe('alert rules', () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s asks for what is shown', (_, rule) => {
    expect(rule.expr).toMatch(/\b(kapu_\w+|up)\b/);
    expect(missing(rule.expr)).toEqual([]);
  });

  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s says what it means and what to do', (_, rule) => {
    expect(rule.alert).toMatch(/^Kapu[A-Z]\w+$/);
    expect(['critical', 'warning']).toContain(rule.labels.severity);
    expect(rule.annotations.summary.trim()).toMatch(/\.$/);
    expect(rule.annotations.description.trim().length).toBeGreaterThan(40);
    for (const [, label] of Object.values(rule.annotations)
      .join(' ')
      .matchAll(/\{\{ \$labels\.(\w+) \}\}/g))
      if (!given.includes(label!)) expect(rule.expr).toMatch(new RegExp(`by \\(${label}\\)|kapu_ready`));
  });

  test('are explained in the guide, all of them and no others', async () => {
    const [, section = ''] = (await read('operating.md')).split('\n## What to watch\n');
    const explained = [...section.split('\n## ')[0]!.matchAll(/^\| `(Kapu\w+)`/gm)].map(([, name]) => name);
    expect(explained.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });

  test('a metric, a label or a value that is not there is found', () => {
    expect(missing('rate(kapu_invented_total[5m]) > 1')).toEqual(['kapu_invented_total is not shown']);
    expect(missing('kapu_mails_total{outcome="lost"} > 1')).toEqual(['kapu_mails_total{outcome="lost"} is not shown']);
    expect(missing('sum by (colour) (kapu_ready) > 1')).toEqual(['no label colour']);
  });
});
