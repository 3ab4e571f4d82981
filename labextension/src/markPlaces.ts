/**
 * Where a mark is in a document, and whether it still holds after a change. No DOM, no editor.
 */
import type { ChangeDesc } from '@codemirror/state';
import { Text } from '@codemirror/state';

import type { Mark, ReportMessage } from './protocol';

/** A mark in a document. */
export interface Placed {
  readonly mark: Mark;
  readonly report: ReportMessage;
  /** What is underlined; equal where there is nothing to underline. */
  readonly from: number;
  readonly to: number;
  /** The whole lines that hold it: when one of them changes, the mark says nothing true any more. */
  readonly linesFrom: number;
  readonly linesTo: number;
}

/** The source as an editor holds it, so that the two can be compared. */
export function textOf(source: string): Text {
  return Text.of(source.split(/\r\n?|\n/));
}

/** Within `least` and `most`, also for what is no number: another version of the kernel may send it. */
function clamp(value: unknown, least: number, most: number): number {
  const number = typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : least;
  return Math.min(Math.max(number, least), most);
}

/** The mark in a document that is the report's source; what is beyond the document is cut off. */
export function place(report: ReportMessage, mark: Mark, doc: Text): Placed {
  const first = doc.line(clamp(mark.line, 1, doc.lines));
  const last = doc.line(clamp(mark.end_line, first.number, doc.lines));
  let from = first.from + clamp(mark.column, 0, first.length);
  let to = last.from + clamp(mark.end_column, 0, last.length);
  if (to <= from) {
    // Nothing would be seen of it: the line instead, which is right as far as it goes.
    from = first.from + (first.text.length - first.text.trimStart().length);
    to = Math.max(from, first.from + first.text.trimEnd().length);
  }
  return { mark, report, from, to, linesFrom: first.from, linesTo: last.to };
}

/** All marks of a report. */
export function placeAll(report: ReportMessage, doc: Text): readonly Placed[] {
  const marks: readonly Mark[] = Array.isArray(report.marks) ? report.marks : [];
  return marks.map(mark => place(report, mark, doc));
}

/** The mark after a change, or null when a line of it was edited. */
export function follow(placed: Placed, changes: ChangeDesc, doc: Text): Placed | null {
  const ranges: [number, number][] = [];
  changes.iterChangedRanges((from, to) => ranges.push([from, to]));
  if (ranges.some(([from, to]) => from < placed.linesTo && to > placed.linesFrom)) {
    return null;
  }
  // A line break before or after the lines only moves them; other text there becomes part of them.
  const linesFrom = changes.mapPos(placed.linesFrom, 1);
  const linesTo = changes.mapPos(placed.linesTo, -1);
  if (
    linesFrom > linesTo ||
    doc.lineAt(linesFrom).from !== linesFrom ||
    doc.lineAt(linesTo).to !== linesTo
  ) {
    return null;
  }
  const by = linesFrom - placed.linesFrom;
  return by === 0
    ? placed
    : { ...placed, from: placed.from + by, to: placed.to + by, linesFrom, linesTo };
}

/** The marks that hold after a change. */
export function followAll(
  marks: readonly Placed[],
  changes: ChangeDesc,
  before: Text,
  after: Text
): readonly Placed[] {
  if (changes.empty || before.eq(after)) {
    // Formatters and reloads replace a whole cell by the same text: no line of it was edited.
    return marks;
  }
  return marks
    .map(mark => follow(mark, changes, after))
    .filter((mark): mark is Placed => mark !== null);
}

/** The parts to underline: line by line, without indentation. */
export function spans(placed: Placed, doc: Text): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let at = placed.from;
  while (at < placed.to) {
    const line = doc.lineAt(at);
    const end = Math.min(line.to, placed.to);
    const part = doc.sliceString(at, end);
    const from = at + (part.length - part.trimStart().length);
    const to = at + part.trimEnd().length;
    if (from < to) {
      found.push({ from, to });
    }
    at = line.to + 1;
  }
  return found;
}
