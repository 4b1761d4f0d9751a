import { dirname, join } from "node:path";
import { inBatches, inParallel } from "./in-parallel.ts";
import { extendKeywordTable, keywordsOf, marksOfKeywords } from "./keyword-file.ts";
import { fileInCur, fileInNew, type MessageFile } from "./listing.ts";
import { pathOf } from "./mailbox-site.ts";
import { noteGone } from "./mailbox-sync.ts";
import type { CopiedUids, DescriptionParts, Uid } from "./mailbox-view.ts";
import { KEYWORD_MARKS, lettersOf, type Marks, marksOf } from "./marks.ts";
import { forEachFile, MAX_AT_A_TIME, positionsOf } from "./message-actions.ts";
import { sizeSuffix } from "./message-name.ts";
import type { OpenMailbox } from "./open-mailbox.ts";
import { assignUids } from "./uid-assignment.ts";

/** Messages moved together; in between, other sessions have their turn. */
const BATCH = 256;

/** A message's file in `tmp` that shall appear in a mailbox. */
export interface StagedFile {
  readonly path: string;
  /** What its name shall say of its size: `,S=…,W=…`. */
  readonly sizes: string;
  /** Flags; keywords have other letters in each mailbox. */
  readonly flags: Marks;
  readonly keywords: readonly string[];
}

/**
 * Makes files appear in a mailbox, in their order, all or none. Resolves with their UIDs when all of it is
 * on disk. When it fails, the files are gone.
 */
export function appear(mailbox: OpenMailbox, staged: readonly StagedFile[]): Promise<Uid[]> {
  const { site } = mailbox;
  const { disk, newName } = site.world;
  return mailbox.change(async (changing) => {
    const table = await changing.extendKeywords(staged.flatMap(({ keywords }) => keywords));
    const targets = staged.map(({ path, sizes, flags, keywords }) => {
      const letters = lettersOf(flags | marksOfKeywords(table, keywords));
      const baseName = newName() + sizes;
      return { path, file: letters === "" ? fileInNew(baseName) : fileInCur(baseName, letters) };
    });
    const files = targets.map(({ file }) => file);
    try {
      await inParallel(targets, MAX_AT_A_TIME, ({ path, file }) => disk.rename(path, pathOf(site, file)));
      const folders = new Set(files.map((file) => dirname(pathOf(site, file))));
      const uids = await assignUids(changing, files, { folders });
      changing.state.markRecent(uids);
      return uids;
    } catch (error) {
      const paths = targets.flatMap(({ path, file }) => [path, pathOf(site, file)]);
      await Promise.all(paths.map((path) => disk.unlink(path).catch(() => {})));
      const { table } = changing.state;
      noteGone(changing, [...table.positionsOfNames(files.map(({ baseName }) => baseName)).values()]);
      throw error;
    }
  });
}

/** `MailboxView.copy`: links to the messages' files appear in the other mailbox. */
export async function copyMessages(
  source: OpenMailbox,
  uids: Iterable<Uid>,
  target: OpenMailbox,
): Promise<CopiedUids> {
  const links = await stageLinks(source, uids, join(target.site.folder, "tmp"));
  const to = await appear(target, [...links.values()]);
  const from = [...links.keys()];
  for (const batch of inBatches(from.entries(), BATCH)) {
    const carried = carry(
      source,
      batch.map(([, uid]) => uid),
    );
    unload(target, new Map(batch.map(([nth, uid]) => [to[nth] ?? 0, carried.get(uid)])));
  }
  return { uidValidity: target.state.identity.uidValidity, from, to };
}

/** Links to the files of those of the messages that are there, by UID; all or none. */
function stageLinks(
  source: OpenMailbox,
  uids: Iterable<Uid>,
  tmpFolder: string,
): Promise<Map<Uid, StagedFile>> {
  const { disk, newName } = source.site.world;
  return source.change(async (changing) => {
    const links = new Map<Uid, StagedFile>();
    try {
      await forEachFile(changing, uids, async (uid, file) => {
        const marks = marksOf(file.letters);
        const path = join(tmpFolder, newName());
        await disk.link(pathOf(changing.site, file), path);
        links.set(uid, {
          path,
          sizes: sizeSuffix(file.baseName),
          flags: marks & ~KEYWORD_MARKS,
          keywords: keywordsOf(changing.state.keywords, marks),
        });
      });
    } catch (error) {
      await Promise.all([...links.values()].map(({ path }) => disk.unlink(path).catch(() => {})));
      throw error;
    }
    return new Map([...links].sort(([one], [other]) => one - other));
  });
}

/** `MailboxView.move`: the messages' files are renamed into the other mailbox. */
export async function moveMessages(
  source: OpenMailbox,
  uids: Iterable<Uid>,
  target: OpenMailbox,
): Promise<CopiedUids> {
  const from: Uid[] = [];
  const to: Uid[] = [];
  for (const batch of inBatches(uids, BATCH)) {
    const carried = carry(source, batch);
    const moved = await moveFiles(source, batch, target);
    const arrived = await admit(target, [...moved.values()]);
    from.push(...moved.keys());
    to.push(...arrived);
    unload(target, new Map([...moved.keys()].map((uid, nth) => [arrived[nth] ?? 0, carried.get(uid)])));
  }
  return { uidValidity: target.state.identity.uidValidity, from, to };
}

/** Renames the messages' files into `cur` of the other mailbox. Resolves with where they are, by UID. */
function moveFiles(
  source: OpenMailbox,
  uids: readonly Uid[],
  target: OpenMailbox,
): Promise<Map<Uid, MessageFile>> {
  const { disk, newName } = source.site.world;
  return source.change(async (changing) => {
    const { state, site } = changing;
    const used = positionsOf(changing, uids).reduce((marks, at) => marks | state.table.marksAt(at), 0);
    // Only the file is asked for letters, not the other mailbox, which may wait for this one at the moment.
    const table = await extendKeywordTable(
      target.site.folder,
      keywordsOf(state.keywords, used),
      target.state.table.usedMarks(),
    );
    const moved = new Map<Uid, MessageFile>();
    try {
      await forEachFile(changing, uids, async (uid, file) => {
        const marks = marksOf(file.letters);
        const keywords = marksOfKeywords(table, keywordsOf(state.keywords, marks));
        const letters = lettersOf((marks & ~KEYWORD_MARKS) | keywords, file.letters);
        const movedFile = fileInCur(newName() + sizeSuffix(file.baseName), letters);
        await disk.rename(pathOf(site, file), pathOf(target.site, movedFile));
        moved.set(uid, movedFile);
      });
    } finally {
      noteGone(changing, positionsOf(changing, [...moved.keys()]));
    }
    const folders = [join(target.site.folder, "cur"), join(site.folder, "cur"), join(site.folder, "new")];
    await Promise.all(folders.map((folder) => disk.syncFolder(folder)));
    return new Map([...moved].sort(([one], [other]) => one - other));
  });
}

/** The UIDs of files that were put into a mailbox, which may have noticed them already. */
function admit(target: OpenMailbox, files: readonly MessageFile[]): Promise<Uid[]> {
  return target.change(async (changing) => {
    const { table } = changing.state;
    const names = files.map(({ baseName }) => baseName);
    const noticed = table.positionsOfNames(names);
    await assignUids(
      changing,
      files.filter(({ baseName }) => !noticed.has(baseName)),
      {},
    );
    const positions = table.positionsOfNames(names);
    const uids = names.map((baseName) => table.uidAt(positions.get(baseName) ?? -1));
    changing.state.markRecent(uids);
    return uids;
  });
}

/** What is known of messages besides their files, by UID. */
type Carried = ReadonlyMap<Uid, CarriedFacts | undefined>;

interface CarriedFacts {
  readonly crlfOctets: number;
  readonly internalDate: number;
  readonly description: DescriptionParts | undefined;
}

function carry({ state, descriptions }: OpenMailbox, uids: readonly Uid[]): Carried {
  const described = descriptions.get(uids, ["header", "structure"]);
  const entries = uids.flatMap((uid, nth): [Uid, CarriedFacts][] => {
    const position = state.table.positionOf(uid);
    if (position < 0) return [];
    const { crlfOctets, internalDate } = state.table.rowAt(position);
    return [[uid, { crlfOctets, internalDate, description: described[nth] }]];
  });
  return new Map(entries);
}

/** Spares the other mailbox from opening the files. */
function unload({ state, descriptions }: OpenMailbox, carried: Carried): void {
  const described = new Map<Uid, DescriptionParts>();
  for (const [uid, facts] of carried) {
    const position = state.table.positionOf(uid);
    if (facts === undefined || position < 0) continue;
    state.table.update(position, facts);
    if (facts.description !== undefined) described.set(uid, facts.description);
  }
  descriptions.put(described);
}
