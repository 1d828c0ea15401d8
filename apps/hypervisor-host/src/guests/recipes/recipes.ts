import type { GuestRecipe } from '@millwright/contracts';
import { debianConsole } from './debian-console.js';
import { debianHmi } from './debian-hmi.js';
import type { Recipe } from './recipe.js';

/** Every guest that can be built. */
export const RECIPES: Readonly<Record<GuestRecipe, Recipe>> = {
  'debian-console': debianConsole,
  'debian-hmi': debianHmi,
};
