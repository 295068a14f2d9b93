/** The real disk with faults switched on and off: one row names the call, the files and what happens. */

import { type Disk, type DiskFile, realDisk } from "../disk.ts";

type Call = "open" | "read" | "write" | "datasync" | "truncate" | "rename" | "remove" | "syncFolder";

export interface Fault {
  readonly call: Call;
  /** Which files, by their path below the log's folder. */
  readonly path: RegExp;
  /** A system error, or a write that takes half of what it was given and says so. */
  readonly fails: "ENOSPC" | "EIO" | "EROFS" | "short";
  /** Let the bytes through to the file before failing, as a disk does that fails late. Default false. */
  readonly late?: boolean;
}

const ERRNO = { ENOSPC: -28, EIO: -5, EROFS: -30 } as const;

export class FaultyDisk implements Disk {
  /** Every call that matches fails until this is undefined again. */
  fault: Fault | undefined;
  /** How often the fault struck. */
  struck = 0;
  /** Calls on segment files, for counting. */
  readonly calls: Record<string, number> = {};

  async open(...[path, mode, permissions]: Parameters<Disk["open"]>): Promise<DiskFile> {
    if (mode !== "read") this.#strike("open", path);
    const file = await realDisk.open(path, mode, permissions);
    return {
      read: async (buffer, offset, length, position) => {
        this.#strike("read", path);
        return file.read(buffer, offset, length, position);
      },
      write: async (buffer, length, position) => {
        this.#count("write", path);
        const fault = this.#matching("write", path);
        if (fault === undefined) return file.write(buffer, length, position);
        this.struck += 1;
        if (fault.fails === "short") return file.write(buffer, Math.floor(length / 2), position);
        if (fault.late === true) await file.write(buffer, length, position);
        throw systemError(fault.fails);
      },
      datasync: async () => {
        this.#count("datasync", path);
        this.#strike("datasync", path);
        await file.datasync();
      },
      truncate: async (length) => {
        this.#strike("truncate", path);
        await file.truncate(length);
      },
      size: () => file.size(),
      close: () => file.close(),
    };
  }

  async readFile(path: string): Promise<Buffer | undefined> {
    this.#strike("read", path);
    return realDisk.readFile(path);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#strike("rename", to);
    await realDisk.rename(from, to);
  }

  async remove(path: string): Promise<void> {
    this.#strike("remove", path);
    await realDisk.remove(path);
  }

  makeFolder = realDisk.makeFolder;
  list = realDisk.list;

  async syncFolder(path: string): Promise<void> {
    this.#strike("syncFolder", path);
    await realDisk.syncFolder(path);
  }

  #count(call: Call, path: string): void {
    if (/\/segments\/[0-9]+\.log$/.test(path)) this.calls[call] = (this.calls[call] ?? 0) + 1;
  }

  #matching(call: Call, path: string): Fault | undefined {
    const { fault } = this;
    return fault?.call === call && fault.path.test(path) ? fault : undefined;
  }

  #strike(call: Call, path: string): void {
    const fault = this.#matching(call, path);
    if (fault === undefined) return;
    this.struck += 1;
    throw systemError(fault.fails === "short" ? "EIO" : fault.fails);
  }
}

function systemError(code: keyof typeof ERRNO): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code, errno: ERRNO[code] });
}
