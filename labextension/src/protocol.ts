/**
 * What the kernel's rnnmagic and this extension say to each other, over one comm.
 *
 * The kernel (`rnnmagic/lab/link.py`) opens the comm at `%load_ext rnnmagic`; it decides, this side edits.
 * Every message is an object with a `type`. Several front ends may listen on one comm (two tabs, two
 * notebooks on one kernel): a message with a `client` is meant for that front end alone, one without
 * for all. The texts in it come from the user's names, messages and shapes: they are shown as text and
 * never as HTML.
 */

import type { JSONValue } from '@lumino/coreutils';

export const TARGET = 'rnnmagic';

/** Raised when a message changes its meaning. Both sides must name the same one. */
export const PROTOCOL = 1;

/** One cell whose whole source changes, if it is still `old`. */
export interface Edit {
  cell_id: string | null;
  execution_count: number | null;
  old: string;
  new: string;
}

/** Where a cell of the notebook is. */
export interface CellPlace {
  cell_id: string | null;
  execution_count: number | null;
}

export interface FixInfo {
  id: string;
  title: string;
  why: string;
  caution: string | null;
  verified: boolean;
  /** The line(s) that a user would have typed. */
  code: string;
  /** Whether there is a source to write; a fix without one cannot be applied from here. */
  edits: boolean;
}

/** A place in the checked cell's source. Lines count from 1, columns from 0, in UTF-16 units. */
export interface Mark {
  severity: 'error' | 'warning';
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  /** One sentence. */
  summary: string;
  expected: string | null;
  received: string | null;
  fixes: FixInfo[];
}

// From the kernel

/** The answer to `hello`. */
export interface Welcome {
  type: 'welcome';
  client: string;
  protocol: number;
  version: string;
}

/** What is set in the kernel; sent after `welcome`, and to all when it changes. */
export interface State {
  type: 'state';
  /** Whether every cell is checked (`%rnncheck on`). */
  on: boolean;
  /** The fix that can be taken back now, with the ids of the cells that it changed. */
  undo: { title: string; cells: string[] } | null;
}

/** A checked cell ended; or, after `hello`, one that ended before. */
export interface ReportMessage {
  type: 'report';
  /** Names the report in `apply`. */
  id: string;
  cell_id: string | null;
  execution_count: number | null;
  /** The cell as it was run: a mark is only drawn where the text is still this. */
  source: string;
  outcome: 'clean' | 'shape_error' | 'other_error';
  /** For a screen reader, one or two sentences; empty when there is nothing to say. */
  announcement: string;
  marks: Mark[];
  /** True when it is sent again to a page that was reloaded: show, but do not announce. */
  again: boolean;
}

/** Change these cells, all or none. Answered by `edited` or `refused`, with the same `job`. */
export interface EditMessage {
  type: 'edit';
  client: string;
  job: string;
  task: 'apply' | 'undo';
  title: string;
  caution: string | null;
  /** The user has not seen the change yet: show the difference and ask. */
  ask: boolean;
  edits: Edit[];
  /** The cell whose run made the report: up to here is run again after `apply`. */
  checked: CellPlace;
}

/** An undo is complete: these variables are bound as before, those have been changed since and kept. */
export interface Restored {
  type: 'restored';
  client: string;
  job: string;
  names: string[];
  kept: string[];
}

/** Something for the user to read. */
export interface Said {
  type: 'said';
  client: string;
  level: 'info' | 'warning' | 'error';
  text: string;
}

/** One variable of the kernel. */
export interface ShapeRow {
  name: string;
  /** array, frame, series, tensor, ragged, list, dataset, loader, model, symbolic, … */
  carrier: string;
  type_name: string;
  /** `f64[100,20,3]`, or `(?, 20, 3) → (?, 1)` for a model. */
  notation: string;
  /** Meaning of each axis, `?` where unknown. */
  axes: string[];
  note: string;
  /** What each model of the kernel wants here. */
  fits: { model: string; wants: string; ok: boolean }[];
}

export interface ShapesMessage {
  type: 'shapes';
  client: string;
  seq: number;
  rows: ShapeRow[];
  /** How many more variables were not looked at. */
  hidden: number;
}

export type FromKernel =
  Welcome | State | ReportMessage | EditMessage | Restored | Said | ShapesMessage;

// To the kernel

export type RefusedReason = 'stale' | 'cell-not-found' | 'locked' | 'cancelled' | 'failed';

export type ToKernel =
  /**
   * First message on a comm, also after a page reload, and when the policy has changed. `policy` is what
   * the notebook's metadata hold under `rnnmagic`; the kernel reads it, and it only makes things stricter.
   */
  | { type: 'hello'; client: string; protocol: number; version: string; policy: JSONValue }
  | { type: 'bye'; client: string }
  /** Same as `%rnncheck on` and `off`. */
  | { type: 'check'; client: string; on: boolean }
  /** The user wants this fix; the kernel answers with `edit` or `said`. */
  | { type: 'apply'; client: string; report: string; fix: string }
  /** The user wants the latest applied fix back; the kernel answers with `edit` or `said`. */
  | { type: 'undo'; client: string }
  /** The cells are changed. */
  | { type: 'edited'; client: string; job: string }
  /** Nothing was changed. */
  | { type: 'refused'; client: string; job: string; reason: RefusedReason; message: string }
  /** The cells that were to run again have ended, well or not. */
  | { type: 'ran'; client: string; job: string }
  | { type: 'shapes'; client: string; seq: number };

/**
 * The message if it is one that this front end should act on, else null.
 *
 * What comes from a kernel is not trusted: another version may send other fields.
 */
export function received(data: unknown, client: string): FromKernel | null {
  if (typeof data !== 'object' || data === null) {
    return null;
  }
  const message = data as { type?: unknown; client?: unknown };
  if (typeof message.type !== 'string') {
    return null;
  }
  if (message.client !== undefined && message.client !== client) {
    return null;
  }
  return data as FromKernel;
}
