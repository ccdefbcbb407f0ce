/** An app with a bad edit made to one of its bottles, and where its finding has to be. */

import { type App, Bottle } from 'claude-bottle';
import { appFrom, type BottleRecipe } from './any-app.ts';
import type { BadDefinition } from './bad-definition.ts';

export interface EditedApp {
  readonly app: App;
  /** The bottle that was edited. */
  readonly bottle: Bottle;
  /** Construct path that the finding has to name. */
  readonly path: string;
}

/** The app of `recipes` after `bad` was done to its bottle number `index`. */
export function editedApp(recipes: readonly BottleRecipe[], index: number, bad: BadDefinition): EditedApp {
  const edited = recipes.map((recipe, place) => (place === index ? (bad.edit?.(recipe) ?? recipe) : recipe));
  const app = appFrom(edited, bad.context);
  const chosen = edited[index];
  const path = [...(chosen?.scope ?? []), chosen?.id ?? ''].join('/');
  const bottle = app.node.findAll().find((node) => node.node.path === path);
  if (!(bottle instanceof Bottle)) throw new Error(`no bottle ${path}`);
  bad.call?.(bottle, app);
  if (bad.at.startsWith('/')) return { app, bottle, path: bad.at.slice(1) };
  return { app, bottle, path: bad.at === '' ? path : `${path}/${bad.at}` };
}
