// Errors of differences against their step: the reader drags the step along the curves. All words, numbers and paths
// come from a run of the example; nothing is computed here.
(function () {
    'use strict';

    /**
     * @typedef {{ at: number, line: string, markers: string[], name: string, rows: string[][], say: string,
     *     curve: string, secants: string[], ends: string[] }} Stop
     * @typedef {{ styles: string[], head: string[], width: number, height: number, unit: number, tangent: string,
     *     frames: Stop[] }} Slide
     */

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

    /**
     * An element of SVG.
     * @param {string} name
     * @param {Record<string, string | number>} attributes
     * @param {...(Node | string)} children
     * @returns {any}
     */
    function svg(name, attributes, ...children) {
        const element = document.createElementNS('http://www.w3.org/2000/svg', name);
        Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, String(value)));
        element.append(...children);
        return element;
    }

    const path = (style, d = '') => svg('path', { class: style, d });

    class AutogradSlide extends HTMLElement {
        connectedCallback() {
            // The page of all chapters is for paper.
            if (this.live || document.body.classList.contains('whole')) {
                return;
            }
            /** @type {Slide} */
            const slide = JSON.parse(this.querySelector('script').textContent);
            this.frames = slide.frames;
            this.plot = this.querySelector('svg');
            this.line = path('slide-line');
            this.markers = slide.styles.map((style) => path(`plot-marker slide-marker ${style}`));
            this.plot.append(svg('g', { class: 'slide-at' }, this.line, ...this.markers));
            for (const kind of ['pointerdown', 'pointermove']) {
                this.plot.addEventListener(kind, (event) => {
                    if (event.buttons === 1) {
                        this.follow(event);
                    }
                });
            }

            this.range = html('input', { type: 'range', min: '0', max: String(slide.frames.length - 1), step: '1', 'aria-label': 'Step h' });
            this.range.addEventListener('input', () => this.go(Number(this.range.value)));
            this.at = html('output', { class: 'live-at' });
            this.say = html('p', { class: 'live-say', 'aria-live': 'polite' });
            this.rows = html('tbody');
            const table = html('table', {},
                html('thead', {}, html('tr', {}, ...slide.head.map((cell) => html('th', { scope: 'col' }, cell)))), this.rows);
            this.live = html('div', { class: 'live-part' },
                html('div', { class: 'live-controls' }, this.range, this.at), this.say,
                html('div', { class: 'slide-more' }, html('div', { class: 'slide-table', tabindex: '0' }, table), this.zoom(slide)));
            this.append(this.live);
            this.go(slide.frames.length - 1);
        }

        /**
         * The function around x, with its tangent and both secants: h is always as wide.
         * @param {Slide} slide
         */
        zoom({ styles, width, height, unit, tangent }) {
            this.curve = path('slide-curve');
            this.secants = styles.map((style) => path(`plot-line ${style}`));
            this.ends = styles.map((style, index) => path(`plot-marker ${style} ${index ? 'slide-under' : ''}`));
            const ticks = ['x − h', 'x', 'x + h'].map((name, index) => ({ name, x: width / 2 + (index - 1) * unit }));
            const grid = ticks.map(({ x }) => `M${x} 0V${height}`).join('');
            const picture = svg('svg', {
                class: 'plot slide-zoom', role: 'img', viewBox: `0 0 ${width} ${height + 20}`,
                'aria-label': 'The function from x − 2h to x + 2h, magnified, with its tangent at x, the one-sided secant from x to x + h, and the central one from x − h to x + h.',
            }, path('plot-grid', grid), this.curve, path('plot-line plot-guide', tangent), ...this.secants, ...this.ends.toReversed(),
            ...ticks.map(({ name, x }) => svg('text', { x, y: height + 16 }, name)));
            const sign = (style) => svg('svg', { class: 'slide-sign', viewBox: '0 0 32 14', 'aria-hidden': 'true' }, path(style, 'M0 7H32'));
            const key = [
                [sign('slide-curve'), ' the function'],
                [sign('plot-line plot-guide'), ' its tangent'],
                [sign(`plot-line ${styles[0]}`), ' one-sided'],
                [sign(`plot-line ${styles[1]}`), ' central'],
            ];
            return html('div', { class: 'slide-near' }, picture,
                html('ul', { 'aria-label': 'Signs' }, ...key.map((words) => html('li', {}, ...words))));
        }

        /**
         * Goes to the stop that is nearest to the pointer.
         * @param {PointerEvent} event
         */
        follow(event) {
            const { x } = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.plot.getScreenCTM().inverse());
            const far = this.frames.map(({ at }) => Math.abs(at - x));
            this.go(far.indexOf(Math.min(...far)));
        }

        /**
         * Shows a stop.
         * @param {number} index
         */
        go(index) {
            const { line, markers, name, rows, say, curve, secants, ends } = this.frames[index];
            this.range.value = String(index);
            this.range.setAttribute('aria-valuetext', name);
            this.at.textContent = `h = ${name}`;
            this.say.textContent = say;
            const row = ([first, ...cells]) => html('tr', {},
                html('th', { scope: 'row' }, first), ...cells.map((cell) => html('td', {}, cell)));
            this.rows.replaceChildren(...rows.map(row));
            const draw = (path, d) => path.setAttribute('d', d);
            draw(this.line, line);
            draw(this.curve, curve);
            this.markers.forEach((path, index) => draw(path, markers[index]));
            this.secants.forEach((path, index) => draw(path, secants[index]));
            this.ends.forEach((path, index) => draw(path, ends[index]));
        }
    }

    customElements.define('autograd-slide', AutogradSlide);
})();
