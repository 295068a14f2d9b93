/** The real disk, and how many bytes were read from it. */

import { type Disk, realDisk } from "../disk.ts";

export class CountingDisk implements Disk {
  bytesRead = 0;

  async open(...[path, mode, permissions]: Parameters<Disk["open"]>): ReturnType<Disk["open"]> {
    const file = await realDisk.open(path, mode, permissions);
    return {
      read: async (...args) => {
        const count = await file.read(...args);
        this.bytesRead += count;
        return count;
      },
      write: (...args) => file.write(...args),
      datasync: () => file.datasync(),
      truncate: (length) => file.truncate(length),
      size: () => file.size(),
      close: () => file.close(),
    };
  }

  async readFile(path: string): Promise<Buffer | undefined> {
    const bytes = await realDisk.readFile(path);
    this.bytesRead += bytes?.length ?? 0;
    return bytes;
  }

  rename = realDisk.rename;
  remove = realDisk.remove;
  makeFolder = realDisk.makeFolder;
  list = realDisk.list;
  syncFolder = realDisk.syncFolder;
}
