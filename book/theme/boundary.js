// A network that learns to tell points of two kinds apart: the line that it draws between them, step by step.
// All paths and numbers come from a run of the example; nothing is computed here.
(function () {
    'use strict';

    /**
     * @typedef {{ step: string, loss: string, right: string, side: string, line: string, sure: string }} Frame
     * @typedef {{ title: string, description: string, kinds: string[], points: string[], width: number,
     *     height: number, frames: Frame[] }} Learning
     */

    /** How long a frame stays while it plays, in milliseconds; longer for those who want less motion. */
    const PACE = 250;
    const CALM = 1500;

    const ICONS = { play: 'M6 3.5l10 6.5-10 6.5z', pause: 'M7 4v12M13 4v12' };

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
     * @returns {any}
     */
    function svg(name, attributes) {
        const element = document.createElementNS('http://www.w3.org/2000/svg', name);
        Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, String(value)));
        return element;
    }

    class AutogradBoundary extends HTMLElement {
        connectedCallback() {
            // The page of all chapters is for paper.
            if (this.live || document.body.classList.contains('whole')) {
                return;
            }
            /** @type {Learning} */
            const { title, description, points, width, height, frames } = JSON.parse(this.querySelector('script').textContent);
            this.frames = frames;
            this.timer = 0;
            const picture = svg('svg', {
                class: 'boundary', role: 'img', 'aria-label': `${title}. ${description}`, viewBox: `0 0 ${width} ${height}`,
            });
            const path = (kind, d = '') => svg('path', { class: `boundary-${kind}`, d });
            this.paths = { side: path('side'), sure: path('sure'), line: path('line') };
            picture.append(...Object.values(this.paths), path('first', points[0]), path('second', points[1]),
                svg('rect', { class: 'boundary-frame', width, height }));
            this.button = html('button', { type: 'button' });
            this.button.addEventListener('click', () => this.play(!this.timer));
            this.range = html('input', { type: 'range', min: '0', max: String(frames.length - 1), step: '1', 'aria-label': 'Step of the training' });
            this.range.addEventListener('input', () => {
                this.play(false);
                this.go(Number(this.range.value));
            });
            this.at = html('output', { class: 'live-at' });
            this.say = html('p', { class: 'live-say', 'aria-live': 'polite' });
            this.live = html('div', { class: 'live-part' }, picture, this.say,
                html('div', { class: 'live-controls' }, this.button, this.range, this.at));
            this.prepend(this.live);
            this.classList.add('live-ready');
            this.play(false);
            this.go(frames.length - 1);
        }

        /**
         * Shows a frame.
         * @param {number} index
         */
        go(index) {
            const { step, loss, right, ...paths } = this.frames[index];
            Object.entries(this.paths).forEach(([kind, path]) => path.setAttribute('d', paths[kind]));
            this.range.value = String(index);
            this.range.setAttribute('aria-valuetext', `step ${step}`);
            this.at.textContent = `Step ${step}`;
            this.say.textContent = step === '0'
                ? `Before the first step the loss is ${loss}, and ${right} of the points are right.`
                : `After ${step} steps the loss is ${loss}, and ${right} of the points are right.`;
        }

        /** @param {boolean} plays */
        play(plays) {
            clearInterval(this.timer);
            this.timer = 0;
            // What changes four times a second is not read out; where it stops is.
            this.say.setAttribute('aria-live', plays ? 'off' : 'polite');
            const last = this.frames.length - 1;
            if (plays) {
                if (Number(this.range.value) === last) {
                    this.go(0);
                }
                const pace = matchMedia('(prefers-reduced-motion: reduce)').matches ? CALM : PACE;
                this.timer = setInterval(() => {
                    const next = Number(this.range.value) + 1;
                    if (next === last) {
                        this.play(false);
                    }
                    this.go(next);
                }, pace);
            }
            const label = plays ? 'Pause' : 'Play';
            this.button.title = label;
            this.button.setAttribute('aria-label', label);
            const icon = svg('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true' });
            icon.append(svg('path', { d: ICONS[plays ? 'pause' : 'play'] }));
            this.button.replaceChildren(icon);
        }
    }

    customElements.define('autograd-boundary', AutogradBoundary);
})();
