/** The pages of the person's own methods: the list, a new name, and whether one is to go. They show what they are told. */

import type { Pages, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface ListedMethod {
  name: string;
  title: string;
  about: string;
  credentials: {
    name: string;
    about?: string;
    added: string;
    /** Undefined: never. null: what is used goes away with it. */
    used?: string | null;
    /** Undefined where a name says nothing. */
    renameHref?: string;
    removeHref: string;
  }[];
  /** Undefined where there are as many as there can be. */
  setUp?: { href: string; title: string };
}

export interface ListModel {
  /** What has just been done. */
  done?: keyof (typeof texts)['hu']['done'];
  /** Where codes by mail go, if they do. */
  maskedAddress?: string;
  methods: ListedMethod[];
}

const load = (name: string) => template(new URL(`./${name}.ejs`, import.meta.url));
const list = load('list');
const rename = load('rename');
const remove = load('remove');

/** The list as HTML. */
export function methodsPage(pages: Pages, view: View, { done, ...model }: ListModel): string {
  const t = texts[view.locale];
  return pages.render(view, {
    template: list,
    heading: t.title,
    t,
    model: { ...model, done: done && t.done[done] },
  });
}

export interface RenameModel {
  /** Where the field `name` is posted. */
  action: string;
  backHref: string;
  name: string;
  problem?: 'missing' | 'refused';
}

/** The page that asks for a new name, as HTML. */
export function renamePage(pages: Pages, view: View, model: RenameModel): string {
  const t = texts[view.locale];
  const text = model.problem && { missing: t.nameMissing, refused: t.nameRefused }[model.problem];
  return pages.render(view, {
    template: rename,
    heading: t.renameHeading,
    t,
    model,
    problems: text ? [{ text, field: 'name', atField: text }] : [],
  });
}

export interface RemoveModel {
  /** Where the button `remove` is posted. */
  action: string;
  backHref: string;
  /** What is to go. */
  name: string;
  /** Nothing of the person's own is left then. */
  isLastOwn: boolean;
  /** All sessions end with it, this one too. */
  signsOut: boolean;
  /** A hold begins with it. */
  holds: boolean;
  /** It is not to go: nothing would be left that gives plus. */
  refused: boolean;
}

/** The page that asks whether one is to go, or says why it cannot, as HTML. */
export function removePage(pages: Pages, view: View, model: RemoveModel): string {
  const t = texts[view.locale];
  const heading = model.refused ? t.refusedHeading : t.removeHeading(model.name);
  return pages.render(view, { template: remove, heading, t, model });
}
