/** Ends with a clear error when another Bun than the pinned one runs this repository. */
import { pinnedBun } from './pin.ts';

const pinned = pinnedBun();
if (Bun.version !== pinned) {
  console.error(
    `error: this repository runs on Bun ${pinned}, not ${Bun.version}; use: npx -y bun@${pinned} run COMMAND`,
  );
  process.exit(2);
}
