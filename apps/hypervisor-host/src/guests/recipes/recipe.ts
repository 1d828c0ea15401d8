import type { GuestRecipe, HostWordsCode, TemplateContent } from '@millwright/contracts';
import type { Progress, Stage } from '../progress.js';
import type { Need } from './needs.js';

/** Where a build works and whom it tells. All folders exist and are the build's own. */
export interface BuildContext {
  /** Kept between builds: package indexes, packages, base trees. */
  readonly cacheFolder: string;
  /** Removed when the build ends, however it ends. */
  readonly temporaryFolder: string;
  /** The template's files go here, by bare names. */
  readonly outputFolder: string;
  /** Folder of the template that this build replaces; it need not exist. */
  readonly previousFolder: string;
  readonly progress: Progress<HostWordsCode>;
  log(line: string): void;
}

/** How a guest is built. A recipe is code of this repository: nothing in it comes from the network but signed packages. */
export interface Recipe {
  readonly name: GuestRecipe;
  readonly stages: readonly Stage<HostWordsCode>[];
  /** What this machine must have. */
  readonly needs: readonly Need[];
  /** Rejects with a message for people when it cannot go on. */
  build(context: BuildContext): Promise<TemplateContent>;
}
