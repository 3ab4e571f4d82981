/** Says to a screen reader what others see as an underline. */

export class Announcer {
  constructor() {
    // Hidden from the eye, not from assistive technology; `display: none` would silence it.
    this._node.className = 'rnnmagic-visuallyHidden';
    this._node.setAttribute('role', 'status');
    this._node.setAttribute('aria-live', 'polite');
    document.body.appendChild(this._node);
  }

  say(text: string): void {
    if (text === '') {
      return;
    }
    // The same text twice is only read twice when the region was empty in between.
    this._node.textContent = '';
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => {
      this._node.textContent = text;
    }, 100);
  }

  private readonly _node = document.createElement('div');
  private _timer = 0;
}
