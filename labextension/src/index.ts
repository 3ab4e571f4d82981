/** The JupyterLab and Notebook extension of rnnmagic. */

import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CommandToolbarButton } from '@jupyterlab/ui-components';

import { Announcer } from './announcer';
import { addCommands, CommandIDs } from './commands';
import { shapesIcon } from './icons';
import { CellMarks } from './marks';
import { Notebooks } from './notebooks';
import { Settings } from './settings';
import { ShapesPanel } from './shapesPanel';
import { ShapesSource } from './shapesSource';
import { StatusItem } from './status';

const PLUGIN = 'rnnmagic:plugin';

async function activate(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  editors: IEditorExtensionRegistry,
  registry: ISettingRegistry | null,
  palette: ICommandPalette | null,
  translator: ITranslator | null,
  statusBar: IStatusBar | null,
  restorer: ILayoutRestorer | null,
  toolbars: IToolbarWidgetRegistry | null
): Promise<void> {
  const { commands, shell } = app;
  const trans = (translator ?? nullTranslator).load('rnnmagic');
  const settings = new Settings();
  const announcer = new Announcer();

  const marks = new CellMarks({
    trans,
    onFix: (text, report, fix) => notebooks.ofText(text)?.apply(report, fix)
  });
  editors.addExtension(marks.factory);

  if (registry !== null) {
    // Before the notebooks, which look at `checkByDefault` as they are opened.
    try {
      settings.follow(await registry.load(PLUGIN));
    } catch (problem) {
      console.error('rnnmagic: its settings could not be read.', problem);
    }
  }
  const notebooks = new Notebooks(tracker, {
    marks,
    settings,
    trans,
    announce: text => announcer.say(text)
  });
  NotebookActions.executionScheduled.connect((_, { cell, notebook }) => {
    notebooks.ofContent(notebook)?.scheduled(cell);
  });

  const panel = new ShapesPanel(new ShapesSource(notebooks, trans), trans);
  panel.title.icon ??= shapesIcon;
  const applySettings = (): void => {
    const { hintLevel, sidePanel, underline } = settings.values;
    marks.underline = underline;
    marks.detail = hintLevel;
    if (sidePanel && !panel.isAttached) {
      // Not before: it would bring the panel back to where it was, wanted or not.
      restorer?.add(panel, panel.id);
      shell.add(panel, 'right', { rank: 900 });
    } else if (!sidePanel && panel.isAttached) {
      panel.parent = null;
    }
    if (commands.hasCommand(CommandIDs.showShapes)) {
      commands.notifyCommandChanged(CommandIDs.showShapes);
    }
  };

  addCommands({
    commands,
    notebooks,
    trans,
    openShapes: () => (settings.values.sidePanel ? () => shell.activateById(panel.id) : null)
  });
  applySettings();
  settings.changed.connect(applySettings);

  for (const command of Object.values(CommandIDs)) {
    palette?.addItem({ command, category: 'rnnmagic' });
  }
  // Of several notebooks side by side, each one's button shows its own state.
  toolbars?.addFactory<NotebookPanel>(
    'Notebook',
    'rnnmagic-checks',
    ({ id }) =>
      new CommandToolbarButton({
        commands,
        id: CommandIDs.toggle,
        args: { toolbar: true, widgetId: id },
        label: trans.__('Check shapes')
      })
  );
  statusBar?.registerStatusItem(PLUGIN, {
    align: 'right',
    rank: 50,
    item: new StatusItem(notebooks, trans, () => void commands.execute(CommandIDs.toggle))
  });
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: 'Marks shape errors of recurrent networks in notebook cells and writes their fixes.',
  autoStart: true,
  requires: [INotebookTracker, IEditorExtensionRegistry],
  optional: [
    ISettingRegistry,
    ICommandPalette,
    ITranslator,
    IStatusBar,
    ILayoutRestorer,
    IToolbarWidgetRegistry
  ],
  activate
};

export default plugin;
