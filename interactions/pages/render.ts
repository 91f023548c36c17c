/**
 * Pages: what is around every page (header, service, heading, error summary, footer) and the parts that pages share.
 * What a page itself says is in its own folder. This file knows nothing of routes, sign-ins or methods.
 */

import type { Settings } from '../../config/settings.ts';
import type { Locale } from '../../src/records/records.ts';
import type { Service } from '../method.ts';
import { type Assets, readAssets } from './assets.ts';
import { type Template, template } from './template.ts';
import { texts } from './texts.ts';

/** Who looks at which page. */
export interface View {
  locale: Locale;
  /** The path (and query) that shows this page again, for the language switch. */
  path: string;
  /** The service that the person is on the way to. */
  service?: Service;
  /** Where else the person could go on from here. */
  others?: readonly { href: string; title: string }[];
  /** What other methods add to this page. */
  beside?: readonly Beside[];
  /** On the person's own pages: where they begin, and where to sign out. */
  own?: { title: string; href: string; signOut: string; signOutHref: string };
  /** The request's reference; error pages show it. */
  reference?: string;
}

/** What a method adds to another one's page. Nobody sees it: its script finds out whether this browser can do something with it. */
export interface Beside {
  html: string;
  /** The asset that it runs, by name. */
  script: string;
  /** What is added to `autocomplete` of the field for the user name (HTML, autofill detail tokens). */
  autocomplete: string;
}

/** What is wrong, in words for the person. */
export interface Problem {
  text: string;
  /** The field that mends it: the error summary links to it. */
  field?: string;
  /** What stands at the field itself; without it the field is not marked. */
  atField?: string;
}

/** One page, as the layout needs it. */
export interface Page {
  template: Template;
  /** The only h1, and the start of the title. */
  heading: string;
  /** The page's texts, `t` in its template. */
  t: object;
  /** What it shows, `model` in its template. */
  model?: object;
  problems?: Problem[];
  /** Whether it is a step of a sign-in, and names the service that asks for it. */
  signIn?: boolean;
  /** The asset that it runs, by name. */
  script?: string;
}

export interface Pages {
  /** The whole HTML of `page`. */
  render(view: View, page: Page): string;
  assets: Assets;
}

export interface Field {
  name: string;
  label: string;
  hint?: string;
  type: 'text' | 'password';
  value?: string;
  autocomplete: string;
  /** Digits that the field is made for: it is as wide as they need. */
  digits?: number;
}

export interface Button {
  label: string;
  name?: string;
  value?: string;
  look: 'primary' | 'secondary' | 'tertiary';
}

/** The shared parts, as a page's template has them. */
export interface PagePart {
  field(model: Field): string;
  button(model: Button): string;
}

const load = (name: string) => template(new URL(`./${name}.ejs`, import.meta.url));
const layout = load('layout');
const field = load('field');
const button = load('button');

/** Reads templates and assets, once. Throws an Error that says what to do when the deployment's logo cannot be used. */
export function createPages({ deployment }: { deployment: Settings['deployment'] }): Pages {
  const assets = readAssets(deployment);
  const logo = assets.list.find(({ name }) => name.startsWith('logo.'))?.path;

  return {
    assets,
    render(view, page) {
      const t = texts[view.locale];
      const problems = page.problems ?? [];
      const site = {
        ...view,
        name: deployment.name[view.locale],
        operator: deployment.operator[view.locale],
        help: deployment.help,
        logo,
      };
      const part: PagePart = {
        field: (model: Field) =>
          field({
            t,
            model: {
              ...model,
              autocomplete: autofill(model.autocomplete, view),
              error: problems.find((each) => each.field === model.name)?.atField,
            },
          }),
        button: (model: Button) => button({ t, model }),
      };
      const title = [page.heading, view.service?.name, site.name].filter(Boolean).join(' – ');
      return layout({
        t,
        site,
        model: {
          ...page,
          problems,
          title: problems.length > 0 ? `${t.error}: ${title}` : title,
          body: page.template({ t: { ...t, ...page.t }, model: page.model, site, part }),
          languages: [
            { locale: 'hu', name: 'Magyar', href: inLanguage(view.path, 'hu') },
            { locale: 'en', name: 'English', href: inLanguage(view.path, 'en') },
          ],
          scripts: [page.script, ...(view.beside ?? []).map(({ script }) => script)].filter(
            (name) => name !== undefined,
          ),
          asset: assets.path,
        },
      });
    },
  };
}

/** What stands in a field's `autocomplete`, with what other methods add where it is the user name that is asked for. */
function autofill(tokens: string, { beside = [] }: View): string {
  return tokens === 'username' ? [tokens, ...beside.map(({ autocomplete }) => autocomplete)].join(' ') : tokens;
}

/** `url` if a link may go there: client metadata is others' text, and could hold a `javascript:` address. */
export function httpUrl(url?: string): string | undefined {
  return url && /^https?:\/\//i.test(url) ? url : undefined;
}

/** `path` with `ui_locales` set. Always on this server: a path that starts with two slashes would name another one. */
function inLanguage(path: string, locale: Locale): string {
  const [pathname = '', query] = path.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('ui_locales', locale);
  return `/${pathname.replace(/^[/\\]+/, '')}?${parameters}`;
}
