// The reader's progress in the course: which steps are done, and what to type next. Only a book that is built in
// the reader's own workspace knows where the file with it is; `cargo course` writes that.
(function () {
    'use strict';

    /**
     * @typedef {{ number: number, title: string, page: string, done: boolean }} Step
     * @typedef {{ next: string, stages: Record<string, Step[]> }} Progress
     */

    /** How often to look, in milliseconds. */
    const PACE = 3000;

    const address = document.querySelector('meta[name="course-progress"]')?.getAttribute('content');
    const page = location.pathname.replace(/.*\//, '') || 'index.html';
    const name = (/** @type {string} */ stage) => stage.replace('stage', 'stage ');
    let shown = '';

    /** @param {string} tag @param {string} kind @param {...(Node | string)} children */
    function element(tag, kind, ...children) {
        const made = document.createElement(tag);
        made.className = kind;
        made.append(...children);
        return made;
    }

    /** How far some steps are, in a few letters. @param {Step[]} steps */
    function mark(steps) {
        const done = steps.filter((step) => step.done).length;
        const words = done === steps.length ? '✓ built' : `${done} of ${steps.length} built`;
        return element('span', 'progress-mark progress', words);
    }

    /** @param {Progress} progress */
    function show({ next, stages }) {
        document.querySelectorAll('.progress').forEach((old) => old.remove());
        const steps = Object.values(stages).flat();
        for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('#mdbook-sidebar a'))) {
            const [target, section] = [link.pathname.replace(/.*\//, '') || 'index.html', link.hash];
            const own = steps.filter((step) => (section ? step.page === target + section : step.page.split('#')[0] === target));
            if (own.length > 0 && own.some((step) => step.done)) {
                link.append(' ', mark(own));
            }
        }
        const start = Array.from(document.querySelectorAll('main p > strong')).find(({ textContent }) => textContent === 'Build it.');
        for (const [stage, all] of Object.entries(stages)) {
            if (!start || !all.some((step) => step.page.split('#')[0] === page)) {
                continue;
            }
            const items = all.map(({ title, done, number }) => element('li', done ? 'progress-done' : '',
                `${done ? '✓' : '·'} ${number}. ${title}`, element('span', 'unseen', done ? ' (done)' : ' (not done yet)')));
            const list = element('ol', '', ...items);
            list.setAttribute('role', 'list');
            start.parentElement?.after(element('div', 'progress-box progress',
                element('p', '', `Your ${name(stage)}: ${all.filter((step) => step.done).length} of ${all.length} steps.`),
                list, element('p', '', 'Next: ', element('code', '', next))));
        }
    }

    function look() {
        const script = document.createElement('script');
        script.src = `${address}?${Date.now()}`;
        script.addEventListener('load', () => script.remove());
        script.addEventListener('error', () => script.remove());
        document.head.append(script);
    }

    if (address) {
        // The file calls it.
        Object.assign(window, {
            courseProgress(/** @type {Progress} */ progress) {
                const text = JSON.stringify(progress);
                if (text !== shown) {
                    shown = text;
                    show(progress);
                }
            },
        });
        look();
        setInterval(() => document.hidden || look(), PACE);
    }
})();
