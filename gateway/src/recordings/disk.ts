/** What this room asks of a disk: that something is on it, and what an error of it was. */
import * as fs from "node:fs/promises";

export async function writeDurably(path: string, bytes: Uint8Array, flags: "wx" | "w" | "r+"): Promise<void> {
  const file = await fs.open(path, flags, 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder for syncing; NTFS journals names by itself.
  if (process.platform === "win32") return;
  const folder = await fs.open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT");
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
