/** The user's settings, typed, with defaults where a front end has no settings registry. */

import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal, type ISignal } from '@lumino/signaling';

export type HintLevel = 'sentence' | 'shapes' | 'fixes';
export type Confirm = 'unseen' | 'always' | 'never';

export interface IValues {
  /** Turn the checks on in every Python notebook that is opened. */
  readonly checkByDefault: boolean;
  readonly underline: boolean;
  readonly sidePanel: boolean;
  /** How much tooltips and announcements tell. */
  readonly hintLevel: HintLevel;
  readonly runAfterFix: boolean;
  /** When the change is shown and confirmed before it is made. */
  readonly confirm: Confirm;
}

export const DEFAULTS: IValues = {
  checkByDefault: false,
  underline: true,
  sidePanel: true,
  hintLevel: 'fixes',
  runAfterFix: true,
  confirm: 'unseen'
};

/** A default stands in for what is missing or of the wrong kind. */
export function parse(data: unknown): IValues {
  const given = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  const bool = (name: 'checkByDefault' | 'underline' | 'sidePanel' | 'runAfterFix'): boolean => {
    const value = given[name];
    return typeof value === 'boolean' ? value : DEFAULTS[name];
  };
  const choice = <T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T =>
    allowed.find(each => each === value) ?? otherwise;
  return {
    checkByDefault: bool('checkByDefault'),
    underline: bool('underline'),
    sidePanel: bool('sidePanel'),
    hintLevel: choice(given.hintLevel, ['sentence', 'shapes', 'fixes'], DEFAULTS.hintLevel),
    runAfterFix: bool('runAfterFix'),
    confirm: choice(given.confirm, ['unseen', 'always', 'never'], DEFAULTS.confirm)
  };
}

export class Settings {
  get values(): IValues {
    return this._values;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  follow(settings: ISettingRegistry.ISettings): void {
    const take = (): void => {
      this._values = parse(settings.composite);
      this._changed.emit();
    };
    settings.changed.connect(take);
    take();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _values = DEFAULTS;
}
