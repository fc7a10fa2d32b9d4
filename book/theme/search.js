// The search: a box over the page, which stays where it is. The texts of all sections are loaded when they are
// wanted for the first time, and read through for each answer: words, code and signs as they are written.
(function () {
    'use strict';

    /**
     * A section of the book: where it is, what it is called, and its lines. A line of code begins with a tab;
     * in the others code stands between backticks.
     * @typedef {{ address: string, chapter: string, title: string, text: string }} Section
     *
     * Where something was found, and whether it is all of a word.
     * @typedef {{ from: number, to: number, whole: boolean }} Hit
     */

    const most = 30;
    const index = document.querySelector('meta[name="book-search"]')?.content;
    const toggle = document.getElementById('search-toggle');
    const box = document.getElementById('search');
    const field = box.querySelector('input');
    const status = box.querySelector('[role="status"]');
    const list = box.querySelector('ul');
    const main = document.getElementById('mdbook-content');

    // What is written in two ways is found by either. Each sign gives one sign, so that places stay the same.
    const same = { '∑': 'Σ', '∏': 'Π', '’': "'", '‘': "'", '“': '"', '”': '"', '−': '-', '\u00a0': ' ' };
    const plain = (text) => text.replace(/[∑∏’‘“”−\u00a0]/g, (sign) => same[sign]);

    /** What finds a word of the query. @param {string} word @param {boolean} anywhere also inside of words */
    function pattern(word, anywhere) {
        // Other forms of a longer word are found too: `gradients` and `gradient`.
        const stem = /^[a-z]{5,}$/i.test(word) ? word.replace(/(?<=.{4})(ations?|ions?|ings?|e[ds]|s)$/i, '') : word;
        const escaped = stem.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&') + (stem === word ? '' : '\\p{L}*');
        const start = !anywhere && /^[\p{L}\p{N}]/u.test(word) ? '(?<![\\p{L}\\p{N}])' : '';
        // Large and small letters are different signs in formulas: Σ is no σ.
        return new RegExp(start + escaped, /[a-z]/i.test(word) ? 'giu' : 'gu');
    }

    /** The words of a query. @param {string} query @param {boolean} [anywhere] */
    function patterns(query, anywhere = false) {
        return plain(query).split(/\s+/).filter(Boolean).map((word) => pattern(word, anywhere));
    }

    /** @returns {Hit[]} in order, without those inside of others */
    function hits(words, text) {
        const all = words.flatMap((word) => Array.from(text.matchAll(word), (match) => {
            const to = match.index + match[0].length;
            return { from: match.index, to, whole: !/^[\p{L}\p{N}]/u.test(text.slice(to)) };
        }));
        all.sort((one, other) => one.from - other.from || other.to - one.to);
        return all.filter((hit, i) => i === 0 || hit.from >= Math.max(...all.slice(Math.max(0, i - 3), i).map(({ to }) => to)));
    }

    // The index

    /** @type {Section[] | undefined} */
    let sections;
    let loading = false;

    function load() {
        if (loading) {
            return;
        }
        loading = true;
        const script = document.createElement('script');
        script.src = index;
        script.addEventListener('load', () => {
            // The script has left them there.
            sections = window.bookSections.map(([address, chapter, title, text]) => ({ address, chapter, title, text }));
            for (const section of sections) {
                section.plain = plain(section.text.replaceAll('`', ''));
                section.plainTitle = plain(section.title);
            }
            answer();
        });
        script.addEventListener('error', () => {
            loading = false;
            status.textContent = 'The index of the book cannot be loaded.';
        });
        document.head.append(script);
    }

    /** How well a section fits: 0 if a word is missing. */
    function worth(section, words, query) {
        let sum = 0;
        for (const word of words) {
            const inTitle = hits([word], section.plainTitle);
            const inText = hits([word], section.plain);
            if (inTitle.length + inText.length === 0) {
                return 0;
            }
            sum += inTitle.some(({ whole }) => whole) ? 10 : inTitle.length ? 6 : 0;
            sum += inText.some(({ whole }) => whole) ? 2 : 0;
            sum += Math.min(inText.length, 6) / 2;
        }
        const title = section.plainTitle.toLowerCase();
        return sum + (title === query ? 20 : 0) + (section.plain.toLowerCase().includes(query) ? 3 : 0);
    }

    function best(query) {
        const asked = plain(query).toLowerCase();
        for (const anywhere of [false, true]) {
            const words = patterns(query, anywhere);
            const found = sections.map((section) => ({ section, words, worth: worth(section, words, asked) }));
            const fitting = found.filter(({ worth }) => worth > 0);
            if (fitting.length > 0) {
                return fitting.sort((one, other) => other.worth - one.worth);
            }
        }
        return [];
    }

    // The answer

    /** The lines of a section that hold the most of what was asked: two at most. */
    function teasers({ text, plain: searched }, words) {
        const lines = searched.split('\n');
        const shown = text.split('\n');
        const worths = lines.map((line) => words.filter((word) => line.search(word) >= 0).length);
        const order = Array.from(lines.keys()).filter((line) => worths[line] > 0);
        order.sort((one, other) => worths[other] - worths[one] || one - other);
        return order.slice(0, 2).sort((one, other) => one - other).map((line) => teaser(shown[line], words));
    }

    /** A line as HTML elements: as code, or as much as there is room for. */
    function teaser(line, words) {
        const isCode = line.startsWith('\t');
        const element = document.createElement(isCode ? 'code' : 'span');
        element.className = 'teaser';
        // Where the code of a line is: in each second piece between backticks.
        const pieces = isCode ? [line.slice(1)] : line.split('`');
        const text = pieces.join('');
        const found = hits(words, plain(text));
        const room = 170;
        let from = Math.max(0, (found[0]?.from ?? 0) - room / 3);
        if (from > 0) {
            from = text.indexOf(' ', from) + 1;
        }
        let to = Math.min(text.length, from + room);
        if (to < text.length) {
            to = Math.max(text.lastIndexOf(' ', to), found[0]?.to ?? 0);
        }
        element.append(from > 0 ? '… ' : '');
        let at = 0;
        pieces.forEach((piece, number) => {
            const [start, end] = [Math.max(at, from), Math.min(at + piece.length, to)];
            at += piece.length;
            if (start < end) {
                const parent = number % 2 ? element.appendChild(document.createElement('code')) : element;
                mark(parent, text, start, end, found);
            }
        });
        element.append(to < text.length ? ' …' : '');
        return element;
    }

    function mark(parent, text, from, to, found) {
        let at = from;
        for (const hit of found) {
            const [start, end] = [Math.max(hit.from, at), Math.min(hit.to, to)];
            if (start < end) {
                const marked = document.createElement('mark');
                marked.textContent = text.slice(start, end);
                parent.append(text.slice(at, start), marked);
                at = end;
            }
        }
        parent.append(text.slice(at, to));
    }

    function answer() {
        const query = field.value.trim();
        try {
            sessionStorage.setItem('book-search', query);
        } catch {
            // Storage is closed: the next page does not know it.
        }
        list.replaceChildren();
        if (!query) {
            status.textContent = '';
            return;
        }
        if (!sections) {
            status.textContent = loading ? 'Loading the index of the book …' : status.textContent;
            return;
        }
        const found = best(query);
        const places = found.length === 1 ? 'One section' : `${found.length} sections`;
        status.textContent = found.length === 0 ? `Nothing found for “${query}”.`
            : found.length > most ? `${places}: these are the first ${most}.` : `${places}.`;
        for (const { section, words } of found.slice(0, most)) {
            const item = document.createElement('li');
            const link = document.createElement('a');
            const [page, id] = section.address.split('#');
            link.href = `${page}?highlight=${encodeURIComponent(query)}${id ? '#' + id : ''}`;
            const title = document.createElement('span');
            title.className = 'found';
            mark(title, section.title, 0, section.title.length, hits(words, section.plainTitle));
            if (section.chapter !== section.title) {
                const chapter = document.createElement('span');
                chapter.className = 'of';
                chapter.textContent = section.chapter;
                title.append(' ', chapter);
            }
            link.append(title, ...teasers(section, words));
            item.append(link);
            list.append(item);
        }
    }

    // The box

    function open() {
        if (box.open) {
            return;
        }
        try {
            field.value ||= sessionStorage.getItem('book-search') ?? '';
        } catch {
            // Nothing is kept.
        }
        box.showModal();
        field.select();
        load();
        answer();
    }

    function move(step) {
        const stops = [field, ...list.querySelectorAll('a')];
        const next = stops[stops.indexOf(document.activeElement) + step];
        next?.focus();
    }

    if (!index) {
        toggle.classList.add('hidden'); // mdBook alone writes no index
        return;
    }
    toggle.addEventListener('click', open);
    field.addEventListener('input', answer);
    box.querySelector('form').addEventListener('submit', (event) => {
        event.preventDefault();
        list.querySelector('a')?.click();
    });
    box.addEventListener('keydown', (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) {
            event.preventDefault();
            move(step);
        }
    });
    box.addEventListener('click', ({ target }) => {
        if (target === box || target.closest('.close')) {
            box.close();
        }
    });
    document.addEventListener('keydown', (event) => {
        // On many keyboards the sign needs Shift.
        const modified = event.altKey || event.ctrlKey || event.metaKey;
        if (event.key === '/' && !modified && !event.target.closest('input:not([type="radio"]), select, textarea')) {
            event.preventDefault();
            open();
        }
    });

    // What was looked for, in the page that was found: marked, and the folds around it open.

    /** The text of the page, and the places of its nodes in it. */
    function written() {
        const nodes = [];
        let text = '';
        let block;
        const walker = document.createTreeWalker(main, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => {
            if (node.nodeType === Node.TEXT_NODE) {
                return NodeFilter.FILTER_ACCEPT;
            }
            return node.matches('.katex-mathml, .diff-mark, .ask, .copy, autograd-stepper, autograd-boundary, autograd-slide, svg, script')
                ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
        });
        while (walker.nextNode()) {
            const node = walker.currentNode;
            const its = node.parentElement.closest('p, li, td, th, pre, figcaption, summary, h1, h2, h3, h4, dt, dd, div');
            text += its === block ? '' : '\n';
            block = its;
            nodes.push({ node, at: text.length });
            text += node.data;
        }
        return { nodes, text: plain(text) };
    }

    function show(query) {
        const { nodes, text } = written();
        let words = patterns(query);
        if (!words.every((word) => text.search(word) >= 0)) {
            words = patterns(query, true);
        }
        const place = (offset) => nodes.findLast(({ at }) => at <= offset);
        const ranges = hits(words, text).map(({ from, to }) => {
            const range = new Range();
            const [first, last] = [place(from), place(to - 1)];
            range.setStart(first.node, from - first.at);
            range.setEnd(last.node, to - last.at);
            return range;
        });
        // Browsers that know no highlights show the section all the same.
        if (window.Highlight && CSS.highlights) {
            CSS.highlights.set('search', new Highlight(...ranges));
        }
        // Of the section that was chosen only: who builds has the other solutions closed for good reason.
        const marks = Array.from(main.querySelectorAll('h1[id], h2[id], h3[id], dt[id]'));
        const chosen = marks.findIndex(({ id }) => id === decodeURIComponent(location.hash.slice(1)));
        const isAfter = (heading, node) => heading.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING;
        const here = ranges.filter(({ startContainer: node }) => (
            (chosen < 0 || isAfter(marks[chosen], node)) && (!marks[chosen + 1] || !isAfter(marks[chosen + 1], node))));
        for (const { startContainer } of here) {
            const { parentElement } = startContainer;
            const told = parentElement.closest('.commentary')?.previousElementSibling;
            for (let fold = (told ?? parentElement).closest('details'); fold; fold = fold.parentElement.closest('details')) {
                fold.open = true;
            }
        }
        const [first] = here;
        if (first && !first.startContainer.parentElement.closest('h1, h2, h3, dt')) {
            // Once the browser has scrolled to the heading. What is near is laid out then, and moves.
            const center = () => {
                const { top, height } = first.getBoundingClientRect();
                window.scrollBy({ top: top + (height - window.innerHeight) / 2, behavior: 'instant' });
            };
            const settle = () => { center(); requestAnimationFrame(center); };
            if (document.readyState === 'complete') {
                settle();
            } else {
                window.addEventListener('load', settle, { once: true });
            }
        }
    }

    const wanted = new URLSearchParams(location.search).get('highlight');
    if (wanted) {
        show(wanted);
        document.addEventListener('keydown', ({ key }) => {
            if (key === 'Escape' && !box.open) {
                CSS.highlights?.delete('search');
            }
        });
    }
})();
