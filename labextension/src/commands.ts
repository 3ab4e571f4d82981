/** What a user can do: the same commands stand behind toolbars, palette, shortcuts and status bar. */

import { Notification } from '@jupyterlab/apputils';
import { CodeCell, type Cell } from '@jupyterlab/cells';
import { NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { version as VERSION } from '../package.json';
import { shapesIcon } from './icons';
import { LinkError } from './link';
import { CheckedNotebook } from './notebook';
import type { Notebooks } from './notebooks';
import type { ReportMessage } from './protocol';

export const CommandIDs = {
  toggle: 'rnnmagic:toggle-checks',
  checkCell: 'rnnmagic:check-cell',
  applyFirstFix: 'rnnmagic:apply-first-fix',
  undoFix: 'rnnmagic:undo-fix',
  showReport: 'rnnmagic:show-report',
  showShapes: 'rnnmagic:show-shapes'
} as const;

export interface ICommandOptions {
  readonly commands: CommandRegistry;
  readonly notebooks: Notebooks;
  readonly trans: TranslationBundle;
  /** null while the user does not want the side panel. */
  readonly openShapes: () => (() => void) | null;
}

type Args = ReadonlyPartialJSONObject;

export function addCommands({ commands, notebooks, openShapes, trans }: ICommandOptions): void {
  const notebookOf = (args: Args): CheckedNotebook | null => notebooks.get(args.widgetId);
  /** Toolbar buttons are about their own cell, the palette and keys about what is at hand. */
  const fixOf = (
    args: Args
  ): { notebook: CheckedNotebook; report: ReportMessage; fix: string } | null => {
    const notebook = notebookOf(args);
    const report =
      (args.toolbar === true
        ? notebook?.reportOf(notebook.panel.content.activeCell)
        : notebook?.reportAtHand) ?? null;
    const fix = CheckedNotebook.firstFix(report);
    return notebook && report && fix ? { notebook, report, fix: fix.id } : null;
  };

  commands.addCommand(CommandIDs.toggle, {
    label: trans.__('Check shapes'),
    caption: trans.__('Check every cell of this notebook for shape errors of recurrent networks'),
    icon: shapesIcon,
    isToggleable: true,
    isToggled: args => notebookOf(args)?.link.on ?? false,
    isEnabled: args => notebookOf(args) !== null,
    execute: async args => {
      const link = notebookOf(args)?.link;
      if (link === undefined) {
        return;
      }
      if (link.state === 'linked') {
        link.check(!link.on);
      } else if (await loaded(link, trans)) {
        link.check(true);
      }
    }
  });

  commands.addCommand(CommandIDs.checkCell, {
    label: trans.__('Run cell with shape check'),
    caption: trans.__('Run the active cell once with %1', '%%rnncheck'),
    isEnabled: args => notebookOf(args)?.panel.content.activeCell instanceof CodeCell,
    execute: async args => {
      const notebook = notebookOf(args);
      const cell = notebook?.panel.content.activeCell;
      if (notebook && cell instanceof CodeCell && (await loaded(notebook.link, trans))) {
        await runChecked(notebook, cell);
      }
    }
  });

  commands.addCommand(CommandIDs.applyFirstFix, {
    label: args =>
      args.toolbar === true ? trans.__('Fix shape…') : trans.__('Apply first shape fix'),
    caption: trans.__('Show what the first fix changes, and apply it'),
    isEnabled: args => fixOf(args) !== null,
    isVisible: args => fixOf(args) !== null,
    execute: args => {
      const found = fixOf(args);
      found?.notebook.apply(found.report, found.fix);
    }
  });

  const undoable = (args: Args): boolean => {
    const notebook = notebookOf(args);
    return args.toolbar === true
      ? (notebook?.undoes(notebook.panel.content.activeCell) ?? false)
      : Boolean(notebook?.link.kernelState?.undo);
  };
  commands.addCommand(CommandIDs.undoFix, {
    label: args => (args.toolbar === true ? trans.__('Undo fix') : trans.__('Undo shape fix')),
    caption: args => {
      const title = notebookOf(args)?.link.kernelState?.undo?.title;
      return title === undefined
        ? trans.__('Bring back the cells and variables as they were before the fix')
        : trans.__('Undo: %1', title);
    },
    isEnabled: undoable,
    isVisible: undoable,
    execute: args => {
      notebookOf(args)?.undo();
    }
  });

  commands.addCommand(CommandIDs.showReport, {
    label: trans.__('Go to shape report'),
    caption: trans.__('Move to the report below the failing cell'),
    isEnabled: args => Boolean(notebookOf(args)?.reportAtHand),
    execute: async args => {
      const notebook = notebookOf(args);
      const report = notebook?.reportAtHand ?? null;
      const cell = notebook && report ? notebook.cellOf(report) : null;
      if (notebook && cell) {
        await focusReport(notebook, cell);
      }
    }
  });

  commands.addCommand(CommandIDs.showShapes, {
    label: trans.__('Show shapes'),
    caption: trans.__('Show the shapes of the notebook’s variables at the side'),
    icon: shapesIcon,
    isVisible: () => openShapes() !== null,
    isEnabled: () => openShapes() !== null,
    execute: () => openShapes()?.()
  });

  notebooks.changed.connect(() => {
    for (const id of Object.values(CommandIDs)) {
      commands.notifyCommandChanged(id);
    }
  });
}

/** Load rnnmagic into the kernel if need be; false, and the user knows why, when that fails. */
async function loaded(link: CheckedNotebook['link'], trans: TranslationBundle): Promise<boolean> {
  if (link.state !== 'linked' && link.busy && link.language !== null) {
    Notification.info(
      trans.__('The kernel is busy. rnnmagic is loaded when the running cells have ended.')
    );
  }
  try {
    await link.load();
    return true;
  } catch (problem) {
    if (!link.isDisposed) {
      Notification.error(troubleText(problem, link, trans), { autoClose: 15_000 });
    }
    return false;
  }
}

function troubleText(
  problem: unknown,
  link: CheckedNotebook['link'],
  trans: TranslationBundle
): string {
  const trouble = problem instanceof LinkError ? problem.trouble : 'failed';
  const detail = problem instanceof LinkError ? problem.detail : String(problem);
  switch (trouble) {
    case 'no-kernel':
      return trans.__('This notebook has no kernel. Start one, then try again.');
    case 'not-python':
      return trans.__('Shapes can only be checked in a Python kernel; this one runs %1.', detail);
    case 'missing':
      return trans.__(
        'rnnmagic is not installed in this kernel. Run %pip install rnnmagic in a cell, then try again.'
      );
    case 'other-version':
      return trans.__(
        'The kernel has rnnmagic %1, this extension is from rnnmagic %2, and they do not fit together. Install the same version for both.',
        link.kernelVersion ?? trans.__('of an older version'),
        VERSION
      );
    case 'no-answer':
      return trans.__(
        'rnnmagic was loaded but does not answer. Restart the kernel, then try again.'
      );
    case 'interrupted':
      return trans.__('The kernel was restarted or interrupted meanwhile. Try again.');
    case 'failed':
      return trans.__('rnnmagic could not be loaded. %1', detail);
  }
}

/** As if the cell began with %%rnncheck, without writing that into it. */
async function runChecked(notebook: CheckedNotebook, cell: Cell): Promise<void> {
  const { link, panel } = notebook;
  const brief = !link.on && !/^\s*%%rnncheck\b/.test(cell.model.sharedModel.getSource());
  if (brief) {
    // The kernel takes messages and cells in the order in which they are sent.
    link.check(true, true);
  }
  try {
    await NotebookActions.runCells(panel.content, [cell], panel.sessionContext);
  } finally {
    // Unless the user turned the checks on for good while the cell ran.
    if (brief && link.isBrief) {
      link.check(false, true);
    }
  }
}

async function focusReport(notebook: CheckedNotebook, cell: Cell): Promise<void> {
  const { content } = notebook.panel;
  content.activeCellIndex = content.widgets.indexOf(cell);
  content.deselectAll();
  content.mode = 'command';
  await content.scrollToCell(cell, 'smart').catch(() => undefined);
  const outputs = cell instanceof CodeCell ? cell.outputArea.node : cell.node;
  const target = outputs.querySelector<HTMLElement>('.rnnmagic-panel button') ?? outputs;
  if (target === outputs) {
    target.tabIndex = -1;
  }
  outputs.scrollIntoView({ block: 'nearest' });
  target.focus();
}
