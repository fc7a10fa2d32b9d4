// A digit that the reader draws, and the network of the chapter that reads it. The engine of the page runs the
// network and walks back to the points; here its answers are drawn. Without the engine the pictures stay.
(function () {
    'use strict';

    /**
     * @typedef {{ points: string, line: string, meant: string, probabilities: number[], digit: number,
     *     gradient: number[] }} Reading
     * @typedef {{ mean: number, deviation: number, shapes: number[][], numbers: string, readings: Reading[] }} Network
     */

    /** Points in a row, and rows; as much ink as there can be. */
    const SIDE = 8;
    const MOST = 16;
    /** From the middle of the pen, in points: full ink, and none. */
    const FULL = 0.55;
    const NONE = 1.25;
    /** Signs are where the gradient is at least this share of its largest number. */
    const SIGNED = 0.2;

    /**
     * An element of HTML with attributes and children.
     * @param {string} name
     * @param {Record<string, string>} [attributes]
     * @param {...(Node | string)} children
     * @returns {any}
     */
    function html(name, attributes = {}, ...children) {
        const element = document.createElement(name);
        Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
        element.append(...children);
        return element;
    }

    const percent = (share) => `${(100 * share).toFixed(1)}%`;
    const place = (at) => `row ${Math.floor(at / SIDE) + 1}, point ${at % SIDE + 1}`;

    const engineMeta = () => /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="autograd-engine"]'));

    /** The engine, once a reader has asked for it. @type {Promise<any> | undefined} */
    let loading;

    function engine() {
        loading ??= window.autogradEngine ? Promise.resolve(window.autogradEngine) : new Promise((resolve, reject) => {
            const script = html('script', { src: path_to_root + engineMeta().content });
            script.addEventListener('load', () => resolve(window.autogradEngine));
            script.addEventListener('error', () => {
                loading = undefined;
                reject(new Error('The engine could not be loaded.'));
            });
            document.head.append(script);
        });
        return loading;
    }

    class AutogradPad extends HTMLElement {
        connectedCallback() {
            // The page of all chapters is for paper.
            if (this.live || !engineMeta() || document.body.classList.contains('whole')) {
                return;
            }
            /** @type {Network} */
            this.network = JSON.parse(this.querySelector('script').textContent);
            /** Whose score the gradient is of; that of the digit that is read, if it is null. @type {number | null} */
            this.chosen = null;
            this.at = 0;
            this.rubs = false;
            this.live = html('div', { class: 'live-part pad-live' }, this.drawing(), this.scores(), this.slopes());
            this.say = html('p', { class: 'live-say', 'aria-live': 'polite' });
            this.prepend(this.live, this.say);
            this.classList.add('live-ready');
            this.take(this.network.readings[0]);
        }

        // What is drawn on.

        drawing() {
            this.cells = Array.from({ length: SIDE * SIDE }, () => html('div', { role: 'gridcell', tabindex: '-1' }));
            this.ink = this.cells.map(() => 0);
            const rows = Array.from({ length: SIDE }, (_, row) => (
                html('div', { role: 'row' }, ...this.cells.slice(SIDE * row, SIDE * row + SIDE))));
            this.grid = html('div', { class: 'pad-grid', role: 'grid', 'aria-label': 'Your digit, 8 by 8 points' }, ...rows);
            this.grid.addEventListener('keydown', (event) => this.key(event));
            this.grid.addEventListener('focusin', (event) => this.focusCell(this.cells.indexOf(event.target), false));
            this.grid.addEventListener('pointerdown', (event) => {
                if (event.button !== 0) {
                    return;
                }
                event.preventDefault();
                this.grid.setPointerCapture(event.pointerId);
                this.say.setAttribute('aria-live', 'off');
                this.last = null;
                this.stroke(event);
            });
            this.grid.addEventListener('pointermove', (event) => this.last && this.stroke(event));
            for (const end of ['pointerup', 'pointercancel']) {
                this.grid.addEventListener(end, () => {
                    this.last = null;
                    this.say.setAttribute('aria-live', 'polite');
                });
            }
            this.choice = html('select', { 'aria-label': 'A picture of the test set' },
                html('option', { value: '' }, 'your own'),
                ...this.network.readings.map(({ line, meant }, index) => (
                    html('option', { value: String(index) }, `line ${line}: meant as ${meant}`))));
            this.choice.addEventListener('change', () => {
                if (this.choice.value) {
                    this.chosen = null;
                    this.take(this.network.readings[Number(this.choice.value)]);
                } else {
                    this.clear();
                }
            });
            const clear = html('button', { type: 'button' }, 'Clear');
            clear.addEventListener('click', () => this.clear());
            this.rubber = html('button', { type: 'button', 'aria-pressed': 'false' }, 'Rubber');
            this.rubber.addEventListener('click', () => {
                this.rubs = !this.rubs;
                this.rubber.setAttribute('aria-pressed', String(this.rubs));
            });
            return html('div', { class: 'pad-part' },
                html('p', {}, 'Draw here'), this.grid,
                html('div', { class: 'pad-tools' }, clear, this.rubber, this.choice),
                html('p', { class: 'pad-help' }, 'Or by keys: arrows move, the space bar draws and rubs out.'));
        }

        clear() {
            this.ink.fill(0);
            this.chosen = null;
            this.changed();
        }

        /** @param {PointerEvent} event */
        stroke(event) {
            const box = this.grid.getBoundingClientRect();
            const to = [(event.clientX - box.left) / box.width * SIDE, (event.clientY - box.top) / box.height * SIDE];
            const from = this.last ?? to;
            const count = Math.ceil(4 * Math.hypot(to[0] - from[0], to[1] - from[1])) || 1;
            for (let step = 1; step <= count; step += 1) {
                const [x, y] = [0, 1].map((axis) => from[axis] + (to[axis] - from[axis]) * step / count);
                this.ink.forEach((ink, at) => {
                    const distance = Math.hypot(at % SIDE + 0.5 - x, Math.floor(at / SIDE) + 0.5 - y);
                    const wet = Math.round(MOST * Math.min(1, Math.max(0, (NONE - distance) / (NONE - FULL))));
                    this.ink[at] = this.rubs ? Math.min(ink, MOST - wet) : Math.max(ink, wet);
                });
            }
            this.last = to;
            this.changed();
        }

        /** @param {KeyboardEvent} event */
        key(event) {
            if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
                return;
            }
            const [row, column] = [Math.floor(this.at / SIDE), this.at % SIDE];
            const to = (y, x) => () => this.focusCell(SIDE * Math.max(0, Math.min(y, SIDE - 1)) + Math.max(0, Math.min(x, SIDE - 1)), true);
            const toggle = () => {
                this.ink[this.at] = this.ink[this.at] ? 0 : MOST;
                this.changed();
            };
            const act = {
                ArrowLeft: to(row, column - 1), ArrowRight: to(row, column + 1), ArrowUp: to(row - 1, column),
                ArrowDown: to(row + 1, column), Home: to(row, 0), End: to(row, SIDE - 1), ' ': toggle, Enter: toggle,
            }[event.key];
            if (act) {
                event.preventDefault();
                event.stopPropagation();
                act();
            }
        }

        /**
         * The one cell that the tab key leads to.
         * @param {number} at
         * @param {boolean} moves
         */
        focusCell(at, moves) {
            if (at < 0) {
                return;
            }
            this.cells[this.at].tabIndex = -1;
            this.at = at;
            this.cells[at].tabIndex = 0;
            if (moves) {
                this.cells[at].focus();
            }
        }

        showInk() {
            this.cells.forEach((cell, at) => {
                cell.style.setProperty('--ink', String(this.ink[at] / MOST));
                cell.setAttribute('aria-label', `${place(at)}: ${this.ink[at]} of ${MOST}`);
            });
            this.cells[this.at].tabIndex = 0;
        }

        // What the network says.

        scores() {
            this.bars = Array.from({ length: 10 }, (_, digit) => {
                const parts = { fill: html('span', {}), share: html('span', { class: 'pad-share' }) };
                const button = html('button', { type: 'button', 'aria-pressed': 'false' },
                    html('b', {}, String(digit)), html('span', { class: 'pad-bar' }, parts.fill), parts.share);
                button.addEventListener('click', () => {
                    this.chosen = this.chosen === digit ? null : digit;
                    this.ask();
                });
                return { button, ...parts };
            });
            return html('div', { class: 'pad-part pad-scores', role: 'group', 'aria-label': 'Probabilities' },
                html('p', {}, 'What the network reads'), ...this.bars.map(({ button }) => button));
        }

        slopes() {
            this.signs = Array.from({ length: SIDE * SIDE }, () => html('span', { 'aria-hidden': 'true' }));
            this.gradient = html('div', { class: 'pad-gradient', role: 'img' }, ...this.signs);
            this.heading = html('p', {});
            return html('div', { class: 'pad-part' }, this.heading, this.gradient);
        }

        /** The picture has changed. */
        changed() {
            this.choice.value = '';
            this.showInk();
            this.ask();
        }

        /**
         * A picture that was read when the book was built.
         * @param {Reading} reading
         */
        take(reading) {
            this.ink = Array.from(reading.points, (point) => parseInt(point, MOST + 1));
            this.choice.value = String(this.network.readings.indexOf(reading));
            // No answer of the engine comes after it.
            this.asked = this.again = false;
            this.showInk();
            this.show(reading);
        }

        /** Asks the engine; while it answers, only the last question waits. */
        async ask() {
            this.again = true;
            if (this.asking) {
                return;
            }
            this.asking = true;
            try {
                const { read } = await engine();
                while (this.again) {
                    this.again = false;
                    this.asked = true;
                    const response = JSON.parse(await read(this.question()));
                    if (!this.asked) {
                        continue;
                    }
                    if (response.error) {
                        throw new Error(response.error.message);
                    }
                    this.show(response.reading);
                }
            } catch (error) {
                this.say.textContent = error.message;
            }
            this.asking = false;
        }

        question() {
            const { mean, deviation, shapes, numbers } = this.network;
            if (!this.parameters) {
                const bytes = Uint8Array.from(atob(numbers), (letter) => letter.charCodeAt(0));
                const view = new DataView(bytes.buffer);
                let at = 0;
                this.parameters = shapes.map((shape) => {
                    const size = shape.reduce((product, length) => product * length, 1);
                    return [shape, Array.from({ length: size }, () => view.getFloat32(4 * at++, true))];
                });
            }
            return JSON.stringify({ mean, deviation, parameters: this.parameters, picture: this.ink, digit: this.chosen });
        }

        /** @param {{ probabilities: number[], digit: number, gradient: number[] }} reading */
        show({ probabilities, digit, gradient }) {
            this.bars.forEach(({ button, fill, share }, index) => {
                fill.style.width = percent(probabilities[index]);
                share.textContent = percent(probabilities[index]);
                button.setAttribute('aria-pressed', String(index === digit));
            });
            const most = Math.max(...gradient.map(Math.abs)) || 1;
            this.signs.forEach((sign, at) => {
                const share = Math.abs(gradient[at]) / most;
                sign.className = gradient[at] < 0 ? 'pad-less' : 'pad-more';
                sign.style.setProperty('--share', share.toFixed(2));
                sign.textContent = share < SIGNED ? '' : gradient[at] < 0 ? '−' : '+';
            });
            const [first, second] = probabilities.map((_, index) => index).sort((a, b) => probabilities[b] - probabilities[a]);
            const [up, down] = [Math.max(...gradient), Math.min(...gradient)].map((slope) => gradient.indexOf(slope));
            this.heading.textContent = `The score of ${digit}`;
            const slopes = `More ink raises the score of ${digit} most in ${place(up)}, and lowers it most in ${place(down)}.`;
            this.gradient.setAttribute('aria-label', slopes);
            this.say.textContent = `It reads: ${first} (${percent(probabilities[first])}), then ${second} (${percent(probabilities[second])}). ${slopes}`;
        }
    }

    customElements.define('autograd-pad', AutogradPad);
})();
