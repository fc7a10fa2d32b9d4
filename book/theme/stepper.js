// A recording of what an engine did, stepped through: the graph, the code that runs, and one sentence.
// All numbers are texts that the engine's recorder wrote; nothing is computed here.
(function () {
    'use strict';

    /**
     * @typedef {{ name: string, op: string, title: string, x: number, y: number, width: number, height: number,
     *     frame: number }} GraphNode
     * @typedef {{ from: number, to: number, points: [number, number][], label?: [number, number] }} Arrow
     * @typedef {{ title: string, x: number, y: number, width: number, height: number }} Frame
     * @typedef {{ file: string, first: number, text: string }} Listing
     * @typedef {{ node?: number, arrow?: number, frame?: number, field: string, text: string }} Change
     * @typedef {{ kind: string, node: number | null, arrow: number | null,
     *     line: number | null, start: number | null, end: number | null,
     *     listing: number | null, row: number | null, say: string, set: Change[] }} Step
     * @typedef {{ stage: string, title: string, program: string, inputs: [string, string][], order: number, nodes: GraphNode[],
     *     arrows: Arrow[], frames: Frame[], width: number, height: number, listings: Listing[],
     *     steps: Step[], difference?: { step: number, say: string } }} Recording
     * @typedef {{ message: string, line?: number, start?: number, end?: number, input?: string }} Problem
     * @typedef {{ stages: string[], program: string, inputs: [string, string][], order: number }} Question
     * @typedef {Record<string, string>} Fields
     */

    /** Size of the letters in a picture, the height of a line and the width of a letter, as in drawn graphs. */
    const FONT = 14;
    const LINE = 1.35 * FONT;
    const LETTER = 0.62 * FONT;
    const HEAD = 8;
    const ASIDE = 5;
    /** Around the picture: for what is written at the edges of its boxes. */
    const MARGIN = 12;
    /** So many parts of a picture are drawn on one sheet, so that a step lays out and paints few of those that stay. */
    const SHEET = 12;
    /** Where more parts change at once, those in sight are drawn first, and of the others so many with each picture of the screen. */
    const MANY = 60;
    const SOME = 30;
    /** How long a step stays while it plays, in milliseconds. */
    const PACE = 1600;

    const ICONS = {
        first: 'M5 4v12M15 4l-7 6 7 6z',
        back: 'M13 4l-7 6 7 6z',
        play: 'M6 3.5l10 6.5-10 6.5z',
        pause: 'M7 4v12M13 4v12',
        next: 'M7 4l7 6-7 6z',
        last: 'M15 4v12M5 4l7 6-7 6z',
    };

    /** What a box says of its node at its edge. */
    const STATES = {
        waiting: 'waiting', ready: 'ready', done: 'done', cached: 'remembered', seeded: 'seeded',
        open: 'recording', closed: 'closed', walked: 'walked',
        dropped: 'let go', dropping: 'in its drop', freed: 'freed',
    };

    /**
     * An element of HTML with attributes and children; without those that are null.
     * @param {string} name
     * @param {Record<string, string | null>} [attributes]
     * @param {...(Node | string)} children
     * @returns {any}
     */
    function html(name, attributes = {}, ...children) {
        const element = document.createElement(name);
        for (const [key, value] of Object.entries(attributes)) {
            if (value !== null) {
                element.setAttribute(key, value);
            }
        }
        element.append(...children);
        return element;
    }

    /**
     * An element of SVG.
     * @param {string} name
     * @param {Record<string, string | number>} [attributes]
     * @param {string} [text]
     * @returns {any}
     */
    function svg(name, attributes = {}, text = '') {
        const element = document.createElementNS('http://www.w3.org/2000/svg', name);
        for (const [key, value] of Object.entries(attributes)) {
            element.setAttribute(key, String(value));
        }
        // Also an empty text, to write into later.
        if (name === 'text' || name === 'tspan') {
            element.append(text);
        }
        return element;
    }

    /** @param {string} path */
    function icon(path) {
        const picture = svg('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true' });
        picture.append(svg('path', { d: path }));
        return picture;
    }

    /**
     * A sentence, whose code is between backticks.
     * @param {string} text
     */
    const sentence = (text) => text.split('`').map((part, index) => (index % 2 ? html('code', {}, part) : part));

    /**
     * A smooth line through the points and the head at its end, as `draw/graph.rs` draws them.
     * @param {[number, number][]} points
     */
    function curve(points) {
        const inner = points.length > 2 ? points.slice(1, -1) : [middle(points)];
        const [start, end, before] = [points[0], points[points.length - 1], inner[inner.length - 1]];
        const [dx, dy] = [end[0] - before[0], end[1] - before[1]];
        const length = Math.max(Math.hypot(dx, dy), 1e-9);
        const [x, y] = [HEAD * dx / length, HEAD * dy / length];
        const base = [end[0] - x, end[1] - y];
        const ends = inner.slice(1).map((point, i) => [(inner[i][0] + point[0]) / 2, (inner[i][1] + point[1]) / 2]);
        const parts = [...ends, base].map((to, i) => `Q${inner[i].join(' ')} ${to.join(' ')}`);
        return {
            line: `M${start.join(' ')}${parts.join('')}`,
            head: `M${end.join(' ')}L${base[0] - y / 2} ${base[1] + x / 2}L${base[0] + y / 2} ${base[1] - x / 2}Z`,
        };
    }

    /**
     * @param {[number, number][]} points
     * @returns {[number, number]}
     */
    function middle(points) {
        const [a, b] = [points[Math.floor((points.length - 1) / 2)], points[Math.ceil((points.length - 1) / 2)]];
        return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    }

    /** @param {string} cells rows between `;`, cells between spaces */
    const rows = (cells) => cells.split(';').map((row) => row.trim().split(/\s+/));

    /**
     * @param {SVGElement} element
     * @param {string} state
     */
    function mark(element, state) {
        if (element.dataset.state !== state) {
            element.dataset.state = state;
        }
    }

    /**
     * @param {SVGElement} element
     * @param {string} text
     * @param {boolean} isNew
     */
    function write(element, text, isNew) {
        if (element.firstChild.data !== text) {
            element.firstChild.data = text;
        }
        element.classList.toggle('steps-new', isNew);
    }

    /** The picture of a recording. */
    class Picture {
        /**
         * @param {Recording} recording
         * @param {string} label what it is called
         */
        constructor(recording, label) {
            const { width, height, nodes, arrows, frames } = recording;
            this.recording = recording;
            // Where arrows lead to results, they end at the lower edges.
            this.isTurned = arrows.some(({ points }) => points[0][1] > points[points.length - 1][1]);
            const full = [width + 2 * MARGIN, height + 2 * MARGIN];
            this.viewBox = `${-MARGIN} ${-MARGIN} ${full.join(' ')}`;
            this.element = html('div', { class: 'steps-graph', role: 'img', 'aria-label': label });
            this.element.style.width = `${full[0]}px`;
            this.element.style.aspectRatio = full.join(' / ');
            // It shrinks with its box while its numbers stay legible, and scrolls in it beyond.
            this.element.style.minWidth = `min(${full[0]}px, max(${Math.round(0.72 * full[0])}px, 100%))`;
            this.parts = 0;
            // What never comes has no place of its own: numbers that no trace of the engine sees.
            const comes = (kind) => new Set(recording.steps.flatMap(({ set }) => (
                set.filter(({ field }) => field === 'shown').map((change) => change[kind]))));
            const coming = comes('node');
            this.frames = frames.map((frame, i) => this.frame(frame, i));
            this.arrows = arrows.map((arrow) => this.arrow(arrow));
            this.nodes = nodes.map((node) => this.node(node));
            this.nodes.forEach(({ group }, i) => { group.style.display = coming.has(i) ? '' : 'none'; });
            // What is written at an arrow is never under another one.
            this.labels = arrows.map((arrow) => this.label(arrow));
            /** What is shown, so that a step touches only what it changes. @type {{ state: any, step: Step, differs: boolean } | null} */
            this.shown = null;
            /** The parts out of sight that are not yet as in what is shown, such as `nodes 3`. @type {Set<string>} */
            this.late = new Set();
            this.coming = 0;
        }

        /**
         * Draws a part of the picture over those before it, on a new sheet when one is full.
         * @param {...Element} elements
         */
        add(...elements) {
            if (this.parts % SHEET === 0) {
                this.element.append(svg('svg', { class: 'graph', viewBox: this.viewBox, 'aria-hidden': 'true' }));
            }
            this.parts += 1;
            this.element.lastElementChild.append(...elements);
        }

        /**
         * @param {Frame} frame
         * @param {number} index from the outermost, which has the first of the colours
         */
        frame({ x, y, width, height, title }, index) {
            const group = svg('g', { class: 'steps-frame', style: `--trace: var(--trace-${index % 4})` });
            const state = svg('tspan', { class: 'steps-state', dx: LETTER });
            const text = svg('text', { x: x + 10, y: y + 16 }, title);
            text.append(state);
            group.append(svg('rect', { x, y, width, height, rx: 8 }), text);
            this.add(group);
            return { group, state };
        }

        /** @param {Arrow} arrow */
        arrow({ points }) {
            const { line, head } = curve(points);
            const group = svg('g', { class: 'steps-arrow' });
            group.append(svg('path', { class: 'graph-edge', d: line }), svg('path', { class: 'graph-arrow', d: head }));
            this.add(group);
            return group;
        }

        /** @param {Arrow} arrow */
        label({ points, label }) {
            const [x, y] = label ?? middle(points);
            const text = (kind, row) => svg('text', {
                class: kind, x: label ? x : x + ASIDE, y: y + (row - 0.5) * LINE + 0.35 * FONT,
                style: label ? '' : 'text-anchor: start',
            });
            const texts = {
                local: text('steps-local', 0), contribution: text('steps-gradient', 1),
                cells: svg('g', { class: 'steps-gradient' }), x, y,
            };
            this.add(texts.local, texts.contribution, texts.cells);
            return texts;
        }

        /** @param {GraphNode} node */
        node({ x, y, width, height, title }) {
            const group = svg('g', { class: 'steps-node' });
            const at = x + width / 2;
            const text = (kind, line) => svg('text', { class: kind, x: at, y: y + 7 + (line + 0.5) * LINE + 0.35 * FONT });
            const parts = {
                group, x: at,
                box: svg('rect', { class: 'graph-node', x, y, width, height, rx: 5 }),
                title: text('steps-title', 0),
                value: text('steps-value', 1),
                gradient: text('steps-gradient', 2),
                speed: text('steps-speed', 2),
                cells: svg('g', { class: 'steps-value' }),
                slopes: svg('g', { class: 'steps-gradient' }),
                // At the edge where no arrow ends.
                state: svg('text', { class: 'steps-state', x: x + 8, y: (this.isTurned ? y : y + height) + 4, style: 'text-anchor: start' }),
                count: svg('g', { class: 'steps-count' }),
                marker: svg('path', { class: 'steps-marker', d: `M${x - 11} ${y + height / 2 - 6}l7 6l-7 6z` }),
                name: title, top: y + 7,
            };
            parts.number = svg('text', { x: x + width - 4, y: y + 4 });
            parts.count.append(svg('circle', { cx: x + width - 4, cy: y, r: 10 }), parts.number);
            group.append(parts.box, parts.title, parts.value, parts.gradient, parts.speed, parts.cells, parts.slopes,
                parts.state, parts.count, parts.marker);
            this.add(group);
            return parts;
        }

        /**
         * Small numbers in a table, from a line of the box on; gives how many lines they take.
         * @param {any} group
         * @param {string} cells
         * @param {string} sign
         * @param {number} x of the middle
         * @param {number} y of the top
         */
        table(group, cells, sign, x, y) {
            if (group.dataset.cells === cells) {
                return rows(cells).length;
            }
            group.dataset.cells = cells;
            group.replaceChildren();
            const table = rows(cells);
            const widths = table[0].map((_, column) => LETTER * Math.max(...table.map((row) => (row[column] ?? '').length)));
            const whole = widths.reduce((sum, width) => sum + width + 1.5 * LETTER, 0);
            const start = x - whole / 2 + LETTER;
            group.append(svg('text', { x: start - 1.2 * LETTER, y: y + LINE / 2 + 0.35 * FONT }, sign));
            table.forEach((row, line) => {
                let left = start;
                row.forEach((cell, column) => {
                    const width = widths[column] + 1.5 * LETTER;
                    group.append(
                        svg('rect', { class: 'steps-cell', x: left, y: y + line * LINE, width, height: LINE }),
                        svg('text', { x: left + width / 2, y: y + (line + 0.5) * LINE + 0.35 * FONT }, cell),
                    );
                    left += width;
                });
            });
            return table.length;
        }

        /**
         * Shows a state.
         * @param {{ nodes: Fields[], arrows: Fields[], frames: Fields[] }} state
         * @param {Step} step
         * @param {boolean} [differs] whether the engine is wrong here
         */
        show(state, step, differs = false) {
            const { shown } = this;
            this.shown = { state, step, differs };
            // The parts that this step or the one before is about; the others, if their fields are others.
            const changed = (kind, part) => {
                const spoken = new Set([step, shown?.step].flatMap((one) => (
                    one ? [one[part], ...one.set.map((change) => change[part])] : [])));
                return state[kind].flatMap((fields, i) => (
                    spoken.has(i) || shown?.state[kind][i] !== fields ? [{ kind, i, isSpoken: spoken.has(i) }] : []));
            };
            const parts = [...changed('frames', 'frame'), ...changed('arrows', 'arrow'), ...changed('nodes', 'node')];
            const isNear = shown && parts.length > MANY ? this.sight() : () => true;
            for (const { kind, i, isSpoken } of parts) {
                if (isSpoken || isNear(kind, i)) {
                    this.late.delete(`${kind} ${i}`);
                    this.draw(kind, i);
                } else {
                    this.late.add(`${kind} ${i}`);
                }
            }
            this.catchUp();
        }

        /** Whether a part is in sight, or almost. */
        sight() {
            const { left, top, width } = this.element.getBoundingClientRect();
            const scale = width / parseFloat(this.element.style.width);
            const { nodes, arrows } = this.recording;
            const isIn = (place, start, size) => Math.abs(start + scale * (place + MARGIN) - size / 2) < size;
            return (kind, i) => {
                const [x, y] = kind === 'nodes' ? [nodes[i].x, nodes[i].y] : kind === 'arrows' ? middle(arrows[i].points) : [0, 0];
                return kind === 'frames' || (isIn(x, left, innerWidth) && isIn(y, top, innerHeight));
            };
        }

        /** Draws what is out of sight, some of it with each picture of the screen. */
        catchUp() {
            if (this.late.size === 0 || this.coming) {
                return;
            }
            this.coming = requestAnimationFrame(() => {
                this.coming = 0;
                for (const part of Array.from(this.late).slice(0, SOME)) {
                    this.late.delete(part);
                    const [kind, i] = part.split(' ');
                    this.draw(kind, Number(i));
                }
                this.catchUp();
            });
        }

        /**
         * Draws a part as it is in what is shown.
         * @param {string} kind
         * @param {number} i
         */
        draw(kind, i) {
            const { state, step, differs } = this.shown;
            const fields = state[kind][i];
            if (kind === 'frames') {
                this.drawFrame(i, fields);
            } else if (kind === 'arrows') {
                const changed = (field) => step.set.some((change) => change.arrow === i && change.field === field);
                this.drawArrow(i, fields, changed, step.arrow === i, differs);
            } else {
                const changed = (field) => step.set.some((change) => change.node === i && change.field === field);
                this.drawNode(i, fields, changed, step.node === i, differs);
            }
        }

        /**
         * @param {number} i
         * @param {Fields} fields
         */
        drawFrame(i, fields) {
            const { group, state: word } = this.frames[i];
            group.classList.toggle('steps-hidden', !fields.shown);
            mark(group, fields.state ?? '');
            write(word, STATES[fields.state] ?? '', false);
        }

        /**
         * @param {number} i
         * @param {Fields} fields
         * @param {(field: string) => boolean} changed whether the step has set a field of it
         * @param {boolean} isCurrent
         * @param {boolean} differs
         */
        drawArrow(i, fields, changed, isCurrent, differs) {
            const group = this.arrows[i];
            group.classList.toggle('steps-hidden', !fields.shown);
            group.classList.toggle('steps-current', isCurrent);
            group.classList.toggle('steps-differs', differs && isCurrent);
            const { local, contribution, cells, x, y } = this.labels[i];
            write(local, fields.local ? `× ${fields.local}` : '', changed('local'));
            write(contribution, fields.contribution && !fields.cells ? `+ ${fields.contribution}` : '', changed('contribution'));
            if (fields.cells) {
                this.table(cells, fields.cells, '+', x, y - (fields.local ? 0 : rows(fields.cells).length * LINE / 2));
            }
            cells.classList.toggle('steps-hidden', !fields.cells);
            cells.classList.toggle('steps-new', changed('cells'));
        }

        /**
         * @param {number} i
         * @param {Fields} fields
         * @param {(field: string) => boolean} changed whether the step has set a field of it
         * @param {boolean} isCurrent
         * @param {boolean} differs
         */
        drawNode(i, fields, changed, isCurrent, differs) {
            const node = this.nodes[i];
            node.group.classList.toggle('steps-later', !fields.shown);
            node.group.classList.toggle('steps-current', isCurrent);
            node.group.classList.toggle('steps-differs', differs && isCurrent);
            node.group.classList.toggle('steps-bad', Boolean(fields.bad));
            mark(node.group, fields.state ?? '');
            write(node.title, fields.shape ? `${node.name} ${fields.shape}` : node.name, false);
            write(node.state, fields.bad ? `makes ${fields.bad}` : STATES[fields.state] ?? '', changed('state'));
            write(node.number, fields.count ?? '', changed('count'));
            node.count.classList.toggle('steps-hidden', !fields.count);
            let line = 2;
            if (fields.cells) {
                line = 1 + this.table(node.cells, fields.cells, '=', node.x, node.top + LINE);
            }
            node.cells.classList.toggle('steps-hidden', !fields.cells);
            node.cells.classList.toggle('steps-new', changed('cells'));
            write(node.value, fields.cells || !fields.value ? '' : `= ${fields.value}`, changed('value'));
            const slopes = fields['gradient-cells'];
            if (slopes) {
                this.table(node.slopes, slopes, '∇', node.x, node.top + line * LINE + 4);
            }
            node.slopes.classList.toggle('steps-hidden', !slopes);
            node.slopes.classList.toggle('steps-new', changed('gradient-cells'));
            // Below the cells of the value, where there are such.
            if (fields.gradient && !slopes && fields.cells) {
                node.gradient.setAttribute('y', String(node.top + (line + 0.5) * LINE + 0.35 * FONT));
            }
            write(node.speed, fields.speed ? `δ ${fields.speed}` : '', changed('speed'));
            write(node.gradient, slopes || !fields.gradient ? '' : `∇ ${fields.gradient}`, changed('gradient'));
        }
    }

    /** Whether the stage's code is unfolded at first: where there is room, unless the reader builds it. */
    const showsCode = () => matchMedia('(min-width: 700px)').matches && document.documentElement.dataset.reading !== 'build';

    /** Numbers the elements that others refer to by id. */
    let made = 0;

    /** One recording with its controls. */
    class Player {
        /**
         * @param {Recording} recording
         * @param {string} title
         */
        constructor(recording, title) {
            this.title = title;
            this.timer = 0;
            this.element = html('div', { class: 'steps-player', role: 'group' });
            this.scroll = html('div', { class: 'steps-scroll', tabindex: '0', role: 'group', 'aria-label': 'Graph' });
            this.program = html('pre', { class: 'steps-program' });
            this.say = html('p', { class: 'steps-sentence', 'aria-live': 'polite' });
            this.longest = html('div', { class: 'steps-longest', 'aria-hidden': 'true' });
            this.room = html('div', { class: 'steps-say' }, this.longest, this.say);
            const button = (name, label, act) => {
                const element = html('button', { type: 'button', class: 'button', 'aria-label': label, title: label }, icon(ICONS[name]));
                element.addEventListener('click', act);
                return element;
            };
            this.buttons = {
                first: button('first', 'First step', () => this.go(0)),
                back: button('back', 'One step back', () => this.go(this.at - 1)),
                play: button('play', 'Play', () => this.play(!this.timer)),
                next: button('next', 'Next step', () => this.go(this.at + 1)),
                last: button('last', 'Last step', () => this.go(this.recording.steps.length - 1)),
            };
            this.range = html('input', { type: 'range', min: '0', step: '1', 'aria-label': 'Step' });
            this.range.addEventListener('input', () => this.soon(Number(this.range.value)));
            this.count = html('span', { class: 'steps-at' });
            const code = `steps-code-${made += 1}`;
            this.toggle = html('button', { type: 'button', class: 'steps-toggle', 'aria-controls': code });
            this.toggle.addEventListener('click', () => this.unfold(this.code.hidden));
            this.code = html('div', { class: 'steps-code', id: code, hidden: '' });
            this.listing = html('ol', { tabindex: '0', 'aria-label': 'Code of the stage' });
            this.code.append(this.listing);
            this.element.append(
                this.heading = html('p', { class: 'steps-stage' }),
                this.verdict = html('p', { class: 'steps-verdict' }),
                this.program,
                this.scroll,
                this.room,
                html('div', { class: 'steps-controls' }, ...Object.values(this.buttons),
                    html('span', { class: 'steps-range' }, this.range), html('span', {}, this.count)),
                html('div', { class: 'steps-engine' }, this.toggle, this.code),
            );
            this.element.addEventListener('keydown', (event) => this.key(event));
            this.load(recording, 0);
            this.unfold(showsCode());
        }

        /**
         * Takes another recording, and stays where it is in it.
         * @param {Recording} recording
         * @param {number} at
         */
        load(recording, at) {
            this.recording = recording;
            this.picture = new Picture(recording, `${this.title}: ${recording.title}`);
            this.scroll.replaceChildren(this.picture.element);
            this.heading.textContent = recording.title;
            this.judge(recording.difference);
            this.element.setAttribute('aria-label', this.heading.textContent);
            const { steps } = recording;
            this.range.max = String(steps.length - 1);
            this.count.style.width = `${2 * String(steps.length).length + 4}ch`;
            // The longest sentences make room, and are not seen.
            const longest = steps.map(({ say }) => say).sort((one, two) => two.length - one.length).slice(0, 3);
            this.longest.replaceChildren(...longest.map((say) => html('p', {}, '≠ ', ...sentence(say))));
            // Before the first step with a listing there is the one to come.
            let listing = steps.find((step) => step.listing !== null)?.listing;
            this.listed = steps.map((step) => (listing = step.listing ?? listing));
            this.lines = recording.program.split('\n');
            this.rows = this.lines.map((text) => html('span', { class: 'steps-line' }, text));
            this.program.replaceChildren(html('code', {}, ...this.rows));
            this.marked = null;
            this.shown = null;
            this.states = [];
            this.go(Math.min(at, steps.length - 1), false);
        }

        /**
         * Says where a reader's engine does something else than the book's.
         * @param {{ step: number, say: string } | undefined} difference
         */
        judge(difference) {
            this.verdict.hidden = !difference;
            this.element.classList.toggle('steps-judged', Boolean(difference));
            this.verdict.replaceChildren();
            if (difference) {
                const jump = html('button', { type: 'button' }, `Step ${difference.step + 1}`);
                jump.addEventListener('click', () => this.go(difference.step));
                this.verdict.append(html('strong', {}, '≠ First difference: '), ...sentence(difference.say), ' ', jump);
            }
        }

        /**
         * All fields after a step. What a step leaves as it is, is the same object as before it.
         * @param {number} at
         */
        state(at) {
            const { nodes, arrows, frames, steps } = this.recording;
            while (this.states.length <= at) {
                const before = this.states[this.states.length - 1]
                    ?? { nodes: nodes.map(() => ({})), arrows: arrows.map(() => ({})), frames: frames.map(() => ({})) };
                const state = { ...before };
                for (const { node, arrow, frame, field, text } of steps[this.states.length].set) {
                    const [kind, index] = node !== undefined ? ['nodes', node] : arrow !== undefined ? ['arrows', arrow] : ['frames', frame];
                    if (state[kind] === before[kind]) {
                        state[kind] = before[kind].slice();
                    }
                    state[kind][index] = { ...state[kind][index], [field]: text };
                }
                this.states.push(state);
            }
            return this.states[at];
        }

        /**
         * Shows a step with the next picture of the screen: a slider may tell of more than one until then.
         * @param {number} at
         */
        soon(at) {
            cancelAnimationFrame(this.coming);
            this.coming = requestAnimationFrame(() => this.go(at));
        }

        /**
         * Shows a step.
         * @param {number} at
         * @param {boolean} [follows] whether what scrolls follows it
         */
        go(at, follows = true) {
            cancelAnimationFrame(this.coming);
            const { steps } = this.recording;
            this.at = Math.max(0, Math.min(at, steps.length - 1));
            const step = steps[this.at];
            const state = this.state(this.at);
            const differs = this.recording.difference?.step === this.at;
            this.picture.show(state, step, differs);
            this.say.replaceChildren(...(differs ? [html('strong', {}, '≠ ')] : []), ...sentence(step.say));
            this.room.classList.toggle('steps-differs', differs);
            this.range.value = String(this.at);
            const count = `${this.at + 1} of ${steps.length}`;
            this.range.setAttribute('aria-valuetext', count);
            this.count.textContent = count;
            const [isFirst, isLast] = [this.at === 0, this.at === steps.length - 1];
            for (const [name, isEnd] of [['first', isFirst], ['back', isFirst], ['next', isLast], ['last', isLast]]) {
                // A disabled button would lose the focus.
                this.buttons[name].setAttribute('aria-disabled', String(isEnd));
            }
            if (isLast) {
                this.play(false);
            }
            this.showProgram(step);
            this.showListing(step, follows);
            if (follows) {
                this.follow(step);
            }
        }

        /** @param {Step} step */
        showProgram({ line, start, end }) {
            const before = this.rows[this.marked];
            if (before) {
                before.replaceChildren(this.lines[this.marked]);
                before.classList.remove('steps-here');
            }
            this.marked = start === null ? null : line;
            const row = this.rows[this.marked];
            if (row) {
                const text = this.lines[line];
                row.replaceChildren(text.slice(0, start), html('strong', {}, text.slice(start, end)), text.slice(end));
                row.classList.add('steps-here');
            }
        }

        /**
         * @param {Step} step
         * @param {boolean} follows
         */
        showListing({ listing, row }, follows) {
            const next = this.listed[this.at];
            this.toggle.parentElement.hidden = next === undefined;
            if (next === undefined) {
                return;
            }
            const { file, first, text } = this.recording.listings[next];
            if (this.toggle.textContent !== file) {
                this.toggle.replaceChildren(html('code', {}, file));
            }
            if (this.code.hidden) {
                return;
            }
            if (next !== this.shown) {
                this.shown = next;
                this.listing.start = first;
                // (With a counter of CSS, a step would count all lines anew.)
                this.listing.replaceChildren(...text.split('\n').map((line, row) => html('li', {
                    class: /^\s*\/\//.test(line) ? 'hl-comment' : null,
                    'data-line': String(first + row),
                }, line)));
            }
            this.listing.querySelector('.steps-here')?.classList.remove('steps-here');
            const here = listing === null || row === null ? undefined : this.listing.children[row];
            here?.classList.add('steps-here');
            // What is not yet in the page has no place, and asking for it would lay the page out.
            if (here && this.element.isConnected && (follows || !this.listing.scrollTop)) {
                this.reveal(here);
            }
        }

        /** @param {HTMLElement} row */
        reveal(row) {
            const room = this.listing.clientHeight;
            const { offsetTop: top } = row;
            const { scrollTop } = this.listing;
            // Whole lines, and some before it.
            if (top < scrollTop + row.offsetHeight || top + 2 * row.offsetHeight > scrollTop + room) {
                this.listing.scrollTop = top - 3 * row.offsetHeight;
            }
        }

        /**
         * What is spoken of stays in sight where the picture scrolls in its box.
         * @param {Step} step
         */
        follow({ node }) {
            const box = this.scroll;
            if (node === null || node === undefined || box.scrollWidth <= box.clientWidth) {
                return;
            }
            const [outer, inner] = [box.getBoundingClientRect(), this.picture.nodes[node].box.getBoundingClientRect()];
            if (inner.left < outer.left || inner.right > outer.right) {
                box.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
            }
        }

        /** @param {boolean} plays */
        play(plays) {
            clearInterval(this.timer);
            this.timer = plays ? setInterval(() => this.go(this.at + 1), PACE) : 0;
            if (plays) {
                // The first step at once: a press has to show.
                this.go(this.at === this.recording.steps.length - 1 ? 0 : this.at + 1);
            }
            const { play } = this.buttons;
            const label = this.timer ? 'Pause' : 'Play';
            if (play.title !== label) {
                play.title = label;
                play.setAttribute('aria-label', label);
                play.replaceChildren(icon(ICONS[this.timer ? 'pause' : 'play']));
            }
        }

        /** @param {boolean} open */
        unfold(open) {
            this.code.hidden = !open;
            this.toggle.setAttribute('aria-expanded', String(open));
            this.showListing(this.recording.steps[this.at], true);
        }

        /** @param {KeyboardEvent} event */
        key(event) {
            const { key, target } = event;
            if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
                return;
            }
            const act = {
                ArrowLeft: () => this.go(this.at - 1),
                ArrowRight: () => this.go(this.at + 1),
                Home: () => this.go(0),
                End: () => this.go(this.recording.steps.length - 1),
                ' ': () => this.play(!this.timer),
            }[key];
            // A button is pressed by the space bar itself.
            if (act && !(key === ' ' && /** @type {Element} */ (target).closest('button'))) {
                event.preventDefault();
                event.stopPropagation();
                act();
            }
        }
    }

    /** The engine, once a reader has asked for it. @type {Promise<any> | undefined} */
    let loading;

    const engineMeta = () => /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="autograd-engine"]'));

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

    /**
     * The names that a program reads without giving them a value: its inputs.
     * @param {string} program
     */
    function inputsOf(program) {
        const own = new Set(['grad']);
        const found = new Set();
        for (const [, names] of program.matchAll(/\|([^|]*)\|/g)) {
            names.split(',').forEach((name) => own.add(name.replace(/[&\s]/g, '')));
        }
        for (const line of program.split(';')) {
            const start = /\blet\s+(?:mut\s+)?([A-Za-z_]\w*)[^=]*=/.exec(line);
            const expression = start ? line.slice(start.index + start[0].length) : line;
            for (const [, before, name, after] of expression.matchAll(/([.\w]?)\b([A-Za-z_]\w*)\s*([(!]?)/g)) {
                if (!before && !after && !own.has(name)) {
                    found.add(name);
                }
            }
            // From here on it has a value.
            if (start) {
                own.add(start[1]);
            }
        }
        return Array.from(found);
    }

    class AutogradStepper extends HTMLElement {
        connectedCallback() {
            // The page of all chapters is for paper.
            if (this.live || document.body.classList.contains('whole')) {
                return;
            }
            const data = this.querySelector('script[type="application/json"]');
            /** @type {{ title: string, recordings: Recording[] }} */
            const { title, recordings } = JSON.parse(data.textContent);
            const [{ program, inputs, order }] = recordings;
            /** @type {Question} */
            this.question = { stages: recordings.map(({ stage }) => stage), program, inputs, order };
            this.name = title;
            this.players = recordings.map((recording) => new Player(recording, title));
            if (this.isPlayground) {
                this.players.forEach((player) => player.go(Infinity));
            }
            const differs = recordings.find(({ difference }) => difference);
            if (differs) {
                this.players.forEach((player) => player.go(differs.difference.step));
            }
            this.panels = html('div', { class: 'steps-panels' });
            this.live = html('div', { class: 'steps-live' });
            this.place();
            if (engineMeta()) {
                this.live.append(this.editor());
            } else if (this.isPlayground) {
                this.live.append(html('p', { class: 'steps-note' },
                    'This copy of the book was built without the engine for the browser, so the program cannot be changed here.'));
            }
            this.live.append(this.panels, this.legend());
            this.prepend(this.live);
            this.classList.add('steps-ready');
            for (const input of document.querySelectorAll('input[name="reading"]')) {
                input.addEventListener('change', () => this.players.forEach((player) => player.unfold(showsCode())));
            }
            if (this.isPlayground && engineMeta()) {
                this.fromAddress();
                window.addEventListener('hashchange', () => this.fromAddress());
            }
        }

        get isPlayground() {
            return this.hasAttribute('playground');
        }

        place() {
            const elements = this.players.map(({ element }) => element);
            // What is there stays there: it keeps the focus, and is not laid out as if it were new.
            if (elements.length === this.panels.children.length && elements.every((element, i) => element === this.panels.children[i])) {
                return;
            }
            this.panels.replaceChildren(...elements);
            // The line that runs and the node in question come into sight, once the page is laid out anyway.
            requestAnimationFrame(() => this.players.forEach((player) => {
                player.unfold(!player.code.hidden);
                player.follow(player.recording.steps[player.at]);
            }));
            this.panels.classList.toggle('steps-pair', this.players.length > 1);
        }

        legend() {
            const sign = (kind, text, meaning) => html('li', {}, html('span', { class: kind }, text), ` ${meaning}`);
            const set = this.players.flatMap(({ recording }) => recording.steps.flatMap((step) => step.set));
            const used = (field) => set.some((change) => change.field === field);
            return html('ul', { class: 'steps-legend', 'aria-label': 'Signs' },
                sign('steps-value', '=', 'value'),
                ...(used('speed') ? [sign('steps-speed', 'δ', 'speed')] : []),
                ...(used('gradient') ? [sign('steps-gradient', '∇', 'gradient')] : []),
                ...(used('local') ? [sign('steps-local', '×', 'local derivative')] : []),
                ...(used('contribution') ? [sign('steps-gradient', '+', 'contribution to a gradient')] : []),
                ...(used('count') ? [sign('steps-circle', 'n', 'children still awaited')] : []),
                sign('steps-pointer', '▶', 'where the engine is'));
        }

        // What is changed by hand: the program, the inputs and, on the page for it, the stages.

        editor() {
            const id = `steps-editor-${made += 1}`;
            this.text = html('textarea', { id, rows: '3', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', 'aria-describedby': `${id}-error` });
            this.text.value = this.question.program;
            this.text.addEventListener('input', () => {
                this.question.program = this.text.value;
                this.fields();
                this.ask(250);
            });
            this.area = html('div', { class: 'steps-area' }, html('label', { for: id }, 'Program'), this.text);
            this.values = html('div', { class: 'steps-inputs' });
            this.problem = html('p', { class: 'steps-problem', id: `${id}-error`, role: 'alert' });
            const edit = html('button', { type: 'button', class: 'steps-edit', 'aria-expanded': 'false' }, 'Edit the program');
            edit.addEventListener('click', () => {
                this.area.hidden = !this.area.hidden;
                edit.setAttribute('aria-expanded', String(!this.area.hidden));
                if (!this.area.hidden) {
                    this.text.focus();
                }
            });
            this.area.hidden = !this.isPlayground;
            this.fields();
            const element = html('div', { class: 'steps-editor' });
            // It takes a while to load: whoever comes near may be about to ask.
            for (const kind of ['pointerenter', 'focusin']) {
                element.addEventListener(kind, () => engine().catch(() => {}), { once: true });
            }
            if (this.isPlayground) {
                element.append(this.area, this.choices(), this.values, this.problem, this.results = html('p', { class: 'steps-results' }));
                this.report();
            } else {
                element.append(this.values, edit, this.area, this.problem);
            }
            return element;
        }

        choices() {
            const choice = (label, options, chosen, act) => {
                const select = html('select', {}, ...options.map(([value, text]) => html('option', { value }, text)));
                select.value = chosen;
                select.addEventListener('change', () => {
                    act(select.value);
                    this.ask(0);
                });
                return { select, element: html('label', {}, `${label} `, select) };
            };
            const stages = [1, 2, 3, 4].map((number) => [`stage${number}`, `Stage ${number}`]);
            const { stages: chosen, order } = this.question;
            this.chosen = {
                one: choice('Engine', stages, chosen[0], (stage) => { this.question.stages[0] = stage; }),
                two: choice('beside', [['', 'no other'], ...stages], chosen[1] ?? '', (stage) => {
                    this.question.stages = stage ? [this.question.stages[0], stage] : [this.question.stages[0]];
                }),
                order: choice('Order of the derivative', ['1', '2', '3'].map((n) => [n, n]), String(order), (number) => {
                    this.question.order = Number(number);
                }),
            };
            return html('div', { class: 'steps-choices' }, ...Object.values(this.chosen).map(({ element }) => element));
        }

        /** A field for each input of the program. */
        fields() {
            const known = new Map(this.question.inputs);
            this.question.inputs = inputsOf(this.question.program).map((name) => [name, known.get(name) ?? '1']);
            const shown = this.question.inputs.map(([name]) => name).join(' ');
            if (this.values.dataset.names === shown) {
                return;
            }
            this.values.dataset.names = shown;
            this.values.replaceChildren(...this.question.inputs.map((input) => this.field(input[0], input[1])));
        }

        /**
         * @param {string} name
         * @param {string} value
         */
        field(name, value) {
            const change = (text) => {
                this.question.inputs.find((input) => input[0] === name)[1] = text;
            };
            const field = html('input', { type: 'text', name, spellcheck: 'false', autocomplete: 'off', inputmode: 'text' });
            field.value = value;
            field.size = Math.max(5, Math.min(value.length, 34));
            const label = html('label', {}, html('code', {}, name), ' = ', field);
            field.addEventListener('input', () => {
                change(field.value);
                this.ask(250);
            });
            const number = Number(value);
            if (value.trim() === '' || !Number.isFinite(number)) {
                return html('span', { class: 'steps-input' }, label);
            }
            const reach = Math.max(5, 2 * Math.abs(number));
            const slider = html('input', { type: 'range', min: String(-reach), max: String(reach), step: '0.1', 'aria-label': `Drag ${name}` });
            slider.value = value;
            slider.addEventListener('input', () => {
                field.value = slider.value;
                change(slider.value);
                this.ask(0);
            });
            field.addEventListener('input', () => { slider.value = field.value; });
            return html('span', { class: 'steps-input' }, label, slider);
        }

        /**
         * Asks the engine, after a while without another question.
         * @param {number} wait in milliseconds
         */
        ask(wait) {
            clearTimeout(this.waiting);
            this.waiting = setTimeout(() => this.answer(), wait);
        }

        /** While the engine answers, only the last question waits. */
        async answer() {
            this.again = true;
            if (this.answering) {
                return;
            }
            this.answering = true;
            while (this.again) {
                this.again = false;
                await this.record();
            }
            this.answering = false;
        }

        /** Records the program on each stage. */
        async record() {
            const { stages, program, inputs, order } = this.question;
            // The reader may go on typing until the last of them is answered.
            const requests = stages.map((stage) => JSON.stringify({ stage, program, inputs, order }));
            const recordings = [];
            try {
                const { record } = await engine();
                for (const [index, request] of requests.entries()) {
                    const response = JSON.parse(await record(request));
                    if (response.error) {
                        this.refuse(response.error, stages[index]);
                        return;
                    }
                    recordings.push(response.recording);
                }
            } catch (error) {
                this.refuse({ message: error.message }, '');
                return;
            }
            this.refuse(null, '');
            this.take(recordings);
        }

        /** @param {Recording[]} recordings */
        take(recordings) {
            // Where a step was the last, it stays the last.
            const before = this.players.map(({ at, recording }) => (at === recording.steps.length - 1 ? Infinity : at));
            recordings.forEach((recording, index) => {
                if (this.players[index]) {
                    this.players[index].load(recording, before[index]);
                } else {
                    this.players[index] = new Player(recording, this.name);
                    this.players[index].go(Infinity);
                }
            });
            this.players.length = recordings.length;
            this.place();
            clearTimeout(this.settling);
            this.settling = setTimeout(() => this.settle(), 500);
            if (this.isPlayground) {
                this.report();
                this.toAddress();
            }
        }

        /** What is on paper and in words follows the program, when the reader has let go of it. */
        settle() {
            const still = this.querySelector('.steps-still');
            this.querySelectorAll('.steps-words').forEach((words) => words.remove());
            still.replaceChildren(...this.players.map((player) => {
                const { recording } = player;
                const { steps } = recording;
                const picture = new Picture(recording, `${this.name}: ${recording.title}`);
                picture.show(player.state(steps.length - 1), { ...steps[steps.length - 1], node: null, arrow: null, set: [] });
                return html('div', {}, html('p', {}, player.heading.textContent), picture.element);
            }));
            still.after(...this.players.map(({ recording: { steps, title } }) => html('details', { class: 'steps-words' },
                html('summary', {}, `All ${steps.length} steps in words: ${title}`),
                html('div', { class: 'table-wrapper' }, html('table', {},
                    html('thead', {}, html('tr', {}, html('th', {}, 'Step'), html('th', {}, 'What happens'))),
                    html('tbody', {}, ...steps.map(({ say }, index) => html('tr', {},
                        html('td', {}, String(index + 1)), html('td', {}, ...sentence(say))))))))));
        }

        /**
         * Says what is wrong, and where. The last picture stays.
         * @param {Problem | null} problem
         * @param {string} stage
         */
        refuse(problem, stage) {
            for (const field of this.values.querySelectorAll('input[type="text"]')) {
                field.setAttribute('aria-invalid', String(problem?.input === field.name));
            }
            const isPlaced = problem && problem.line !== undefined && problem.line !== null && !problem.input;
            this.text.setAttribute('aria-invalid', String(Boolean(isPlaced)));
            this.problem.replaceChildren();
            if (!problem) {
                return;
            }
            const { message, line, start, end } = problem;
            this.problem.append(html('strong', {}, isPlaced ? `Line ${line + 1}: ` : ''), ...sentence(message));
            if (this.question.stages.length > 1 && stage) {
                this.problem.append(` (${stage})`);
            }
            if (isPlaced) {
                const text = this.question.program.split('\n')[line] ?? '';
                this.problem.append(html('code', { class: 'steps-where' },
                    text.slice(0, start), html('mark', {}, text.slice(start, end) || ' '), text.slice(end)));
            }
        }

        // The page for programs of the reader's own.

        /** How many nodes there are, and the gradients. */
        report() {
            this.results.replaceChildren(...this.players.flatMap((player, index) => {
                const { recording } = player;
                const { nodes } = player.state(recording.steps.length - 1);
                // Of nested traces, the outermost has the gradients that were asked for.
                const gradients = recording.nodes.flatMap(({ op, title, frame }, i) => (
                    op === 'input' && !frame && nodes[i].gradient ? [` `, html('span', { class: 'steps-gradient' }, `∇ ${title} = ${nodes[i].gradient}`)] : []
                ));
                return [index ? html('br') : '', html('strong', {}, recording.title),
                    `: ${nodes.filter(({ shown }) => shown).length} nodes.`, ...gradients];
            }));
        }

        /** The program in the address, so that it can be shared. */
        toAddress() {
            const { stages, program, inputs, order } = this.question;
            const address = new URLSearchParams({ program, stages: stages.join(' '), order: String(order) });
            inputs.forEach(([name, value]) => address.append(`in.${name}`, value));
            this.address = `#${address}`;
            history.replaceState(null, '', this.address);
        }

        fromAddress() {
            if (location.hash === this.address) {
                return;
            }
            const address = new URLSearchParams(location.hash.slice(1));
            const program = address.get('program');
            if (program === null) {
                return;
            }
            const stages = (address.get('stages') ?? '').split(' ').filter((stage) => /^stage[1-4]$/.test(stage));
            const inputs = Array.from(address).filter(([key]) => key.startsWith('in.')).map(([key, value]) => [key.slice(3), value]);
            const order = { 2: 2, 3: 3 }[address.get('order')] ?? 1;
            this.question = { stages: stages.length ? stages.slice(0, 2) : ['stage2'], program, inputs, order };
            this.text.value = program;
            this.chosen.one.select.value = this.question.stages[0];
            this.chosen.two.select.value = this.question.stages[1] ?? '';
            this.chosen.order.select.value = String(order);
            this.values.dataset.names = '-';
            this.fields();
            this.ask(0);
        }
    }

    customElements.define('autograd-stepper', AutogradStepper);
})();
