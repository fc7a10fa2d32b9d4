// What the bar at the top does, and what the keyboard can do. The book reads well without it.
(function () {
    'use strict';

    const html = document.documentElement;
    const main = document.getElementById('mdbook-content');

    function remember(key, value) {
        try {
            if (value) {
                localStorage.setItem(key, value);
            } else {
                localStorage.removeItem(key);
            }
        } catch {
            // Storage is closed: the choice holds for this page.
        }
    }

    /** Does something, after which an element is still where it was in the window. */
    function holding(element, change) {
        const before = element.getBoundingClientRect().top;
        html.style.overflowAnchor = 'none';
        change();
        // What comes into view is laid out frames later, and moves the element once more.
        const hold = (frames) => {
            window.scrollBy({ top: element.getBoundingClientRect().top - before, behavior: 'instant' });
            if (frames) {
                requestAnimationFrame(() => hold(frames - 1));
            } else {
                html.style.removeProperty('overflow-anchor');
            }
        };
        hold(4);
    }

    function element(name, properties, ...children) {
        const made = Object.assign(document.createElement(name), properties);
        made.append(...children);
        return made;
    }

    function onChoice(name, chosen, then) {
        for (const input of document.querySelectorAll(`input[name="${name}"]`)) {
            input.checked = input.value === chosen;
            input.addEventListener('change', () => then(input.value));
        }
    }

    // The theme: a class for light or dark; without one, style sheets follow the system.

    const themes = ['light', 'navy'];
    onChoice('theme', themes.find((theme) => html.classList.contains(theme)) ?? '', (theme) => {
        html.classList.remove(...themes);
        if (theme) {
            html.classList.add(theme);
        }
        remember('mdbook-theme', theme);
    });

    const menu = document.getElementById('theme');
    for (const event of ['click', 'focusin']) {
        document.addEventListener(event, ({ target }) => {
            if (!menu.contains(target)) {
                menu.open = false;
            }
        });
    }
    function closeMenu() {
        menu.open = false;
        menu.querySelector('summary').focus();
    }

    menu.addEventListener('keydown', ({ key, target }) => {
        if (key === 'Escape' || (key === 'Enter' && target.matches('input'))) {
            closeMenu();
        }
    });
    // A choice by the mouse is made; the arrow keys try one after the other, as a click without a count.
    menu.addEventListener('click', ({ target, detail }) => {
        if (detail > 0 && target.matches('input')) {
            closeMenu();
        }
    });

    // Reading or building: who builds the stages sees their code only when asking for it.

    function fold(reading) {
        html.dataset.reading = reading;
        for (const solution of document.querySelectorAll('details.solution')) {
            solution.open = reading !== 'build';
            solution.classList.add('ready'); // the style sheet need not hide its code
        }
    }

    if (html.dataset.reading === 'build') {
        fold('build');
    }
    onChoice('reading', html.dataset.reading, (reading) => {
        // What is at the top of the window stays there, whatever opens or closes above it.
        const bar = document.getElementById('mdbook-menu-bar').getBoundingClientRect().bottom;
        const top = Array.from(document.querySelectorAll('.content > *')).find(
            (part) => !part.matches('.commentary') && part.getBoundingClientRect().top >= bar
        );
        holding(top ?? main, () => fold(reading));
        remember('book-reading', reading);
    });

    // At a listing: the sides of a difference, and what its documentation says beyond the first paragraph.

    const docsButtons = [];

    function nameDocsButtons() {
        const shown = html.dataset.docs === 'shown';
        for (const button of docsButtons) {
            button.textContent = shown ? 'Hide docs' : 'Show docs';
        }
    }

    function showDocs({ currentTarget: button }) {
        holding(button, () => {
            const shown = html.dataset.docs !== 'shown';
            html.dataset.docs = shown ? 'shown' : 'folded';
            document.querySelectorAll('.docs.open').forEach((docs) => docs.classList.remove('open'));
            nameDocsButtons();
            remember('book-docs', shown && 'shown');
        });
    }

    function sides(listing, stages, name) {
        const choices = [['', 'Difference'], ['old', stages.old], ['new', stages.new]].map(([side, text]) => {
            const input = element('input', { type: 'radio', name, value: side, checked: !side });
            input.addEventListener('change', () => {
                if (side) {
                    listing.dataset.view = side;
                } else {
                    delete listing.dataset.view;
                }
            });
            return element('label', {}, input, text);
        });
        return element('fieldset', {}, element('legend', { className: 'unseen', textContent: 'What is shown' }), ...choices);
    }

    for (const [index, listing] of main.querySelectorAll('.listing').entries()) {
        const caption = listing.firstElementChild;
        const stages = caption.querySelector('[data-old]')?.dataset;
        const tools = element('div', { className: 'tools' });
        if (stages) {
            tools.append(sides(listing, stages, `side-${index}`));
        }
        if (listing.querySelector('.docs')) {
            const button = element('button', { type: 'button' });
            button.addEventListener('click', showDocs);
            docsButtons.push(button);
            tools.append(button);
        }
        if (tools.firstChild) {
            caption.after(tools);
        }
    }
    nameDocsButtons();

    main.addEventListener('click', ({ target }) => target.matches('.docs') && target.classList.add('open'));

    // On paper everything is open.

    let closed = [];
    window.addEventListener('beforeprint', () => {
        closed = Array.from(main.querySelectorAll('details:not([open])'));
        closed.forEach((fold) => { fold.open = true; });
    });
    window.addEventListener('afterprint', () => closed.forEach((fold) => { fold.open = false; }));

    // The sidebar: beside the text where there is room, over it where there is none.

    const sidebar = document.getElementById('mdbook-sidebar');
    const toggle = document.getElementById('mdbook-sidebar-toggle');
    const wide = window.matchMedia('(min-width: 1080px)');

    function showSidebar(visible) {
        html.classList.toggle('sidebar-visible', visible);
        toggle.setAttribute('aria-expanded', String(visible));
        // What is covered cannot be reached.
        document.querySelector('.page').inert = visible && !wide.matches;
    }

    showSidebar(html.classList.contains('sidebar-visible'));
    toggle.addEventListener('click', () => {
        const visible = !html.classList.contains('sidebar-visible');
        showSidebar(visible);
        if (wide.matches) {
            remember('mdbook-sidebar', visible ? 'visible' : 'hidden');
        } else if (visible) {
            (sections.get(current) ?? here ?? sidebar.querySelector('a')).focus({ preventScroll: true });
        }
        follow();
    });
    wide.addEventListener('change', () => showSidebar(wide.matches));
    document.addEventListener('keydown', ({ key }) => {
        if (key === 'Escape' && !wide.matches && html.classList.contains('sidebar-visible')) {
            showSidebar(false);
            toggle.focus();
        }
    });
    sidebar.addEventListener('click', ({ target }) => {
        if (!wide.matches && target.closest('a[href^="#"]')) {
            showSidebar(false);
        }
    });

    // In the list of chapters: the sections of this one.

    const here = sidebar.querySelector('[aria-current]');
    const sections = new Map();
    if (here) {
        const list = document.createElement('ol');
        list.className = 'sections';
        for (const heading of main.querySelectorAll('h2[id], h3[id]')) {
            const item = document.createElement('li');
            const link = document.createElement('a');
            item.className = heading.localName;
            link.href = '#' + heading.id;
            for (const part of (heading.querySelector('a') ?? heading).childNodes) {
                link.append(part.cloneNode(true));
            }
            item.append(link);
            list.append(item);
            sections.set(heading, link);
        }
        here.closest('li').append(list);
        if (wide.matches) {
            sidebar.scrollTop = here.offsetTop - sidebar.clientHeight / 3;
        }
    }
    sidebar.classList.add('ready'); // the style sheet need not hide what was to move

    // The section that is being read: the last whose heading has come into the upper third.
    const passed = new Set();
    let current;
    const watch = new IntersectionObserver((entries) => {
        for (const { target, isIntersecting } of entries) {
            passed[isIntersecting ? 'add' : 'delete'](target);
        }
        current = Array.from(sections.keys()).findLast((heading) => passed.has(heading));
        for (const [heading, link] of sections) {
            link.classList.toggle('current', heading === current);
            heading === current ? link.setAttribute('aria-current', 'location') : link.removeAttribute('aria-current');
        }
        follow();
    }, { rootMargin: '1000000px 0px -66% 0px' });
    for (const heading of sections.keys()) {
        watch.observe(heading);
    }

    // It stays in view in the list.
    function follow() {
        const link = sections.get(current) ?? here;
        if (link && html.classList.contains('sidebar-visible')) {
            const { top, bottom } = link.getBoundingClientRect();
            const list = sidebar.getBoundingClientRect();
            if (top < list.top + 48 || bottom > list.bottom - 48) {
                sidebar.scrollTop += (top + bottom - list.top - list.bottom) / 2;
            }
        }
    }

    // A report of a mistake: the section, and the words that are selected. Without these the link at the foot
    // of the page cannot know the section.

    function fillReport({ currentTarget: link }) {
        const selection = document.getSelection();
        const words = main.contains(selection.anchorNode) ? selection.toString().trim() : '';
        const isBefore = (heading) => heading.compareDocumentPosition(selection.anchorNode) & Node.DOCUMENT_POSITION_FOLLOWING;
        const section = words ? Array.from(sections.keys()).findLast(isBefore) : !link.closest('footer') && current;
        const address = new URL(link.href);
        const [page] = address.searchParams.get('page').split('#');
        address.searchParams.set('page', section ? `${page}#${section.id}` : page);
        address.searchParams.set('statement', words.slice(0, 1000));
        link.href = address;
    }

    for (const link of document.querySelectorAll('.report')) {
        // Before the selection is lost.
        link.addEventListener('pointerdown', fillReport);
        link.addEventListener('keydown', fillReport);
    }

    // Keys: the arrows lead to the neighbouring chapters.

    document.addEventListener('keydown', (event) => {
        const { key, target } = event;
        const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
        // In fields, in what scrolls sideways and in what steps the keys have a meaning of their own.
        if (modified || target.closest('input, dialog, autograd-stepper, .menu[open], [tabindex="0"]')) {
            return;
        }
        const neighbour = { ArrowLeft: 'prev', ArrowRight: 'next' }[key];
        const link = neighbour && document.querySelector(`.chapters a[rel="${neighbour}"]`);
        if (link) {
            link.click();
        }
    });

    // The words of the language of colour, in comments and output, and the boxes of the traces, `[5]₀`, in code. Nothing
    // is added to the page for it.

    const WORDS = [['gradient', /\bgradients?\b/g], ['local', /\blocal derivatives?\b/g], ['trace', /\btrace ([0-3])\b/g]];

    /** The parts of a text that have a colour, each with its name, where it begins and where it ends. */
    function coloured(text, hasWords) {
        const found = [];
        if (hasWords) {
            for (const [name, pattern] of WORDS) {
                for (const match of text.matchAll(pattern)) {
                    found.push([match[1] ? `${name}-${match[1]}` : name, match.index, match.index + match[0].length]);
                }
            }
        }
        const open = [];
        for (const { 0: sign, 1: digit, index } of text.matchAll(/\[|\]([₀-₃]?)/g)) {
            const start = sign === '[' ? open.push(index) && undefined : open.pop();
            if (digit && start !== undefined) {
                const name = `trace-${'₀₁₂₃'.indexOf(digit)}`;
                found.push([name, start, start + 1], [name, index, index + sign.length]);
            }
        }
        return found;
    }

    function colour() {
        const ranges = {};
        for (const element of main.querySelectorAll('.hl-comment, .output > pre > code, .hang, code:not(pre *)')) {
            const hasWords = element.matches('.hl-comment, pre *');
            for (const text of element.childNodes) {
                for (const [name, start, end] of text.nodeType === Node.TEXT_NODE ? coloured(text.data, hasWords) : []) {
                    const range = new StaticRange({ startContainer: text, startOffset: start, endContainer: text, endOffset: end });
                    (ranges[name] ??= new Highlight()).add(range);
                }
            }
        }
        Object.entries(ranges).forEach(([name, highlight]) => CSS.highlights.set(name, highlight));
    }

    const whenIdle = window.requestIdleCallback ?? setTimeout;
    if (window.CSS?.highlights) {
        whenIdle(colour);
    }

    // On a phone: what waited until the page could be read is laid out, a little at a time.

    function layOut(waiting) {
        if (waiting.length) {
            waiting.slice(0, 12).forEach((block) => { block.style.contentVisibility = 'visible'; });
            whenIdle(() => layOut(waiting.slice(12)));
        } else {
            html.classList.remove('deferred');
        }
    }

    if (html.classList.contains('deferred') && !document.body.classList.contains('whole')) {
        whenIdle(() => layOut(Array.from(main.querySelectorAll(':scope > h2 ~ :is(p, ul, ol, blockquote, .picture)'))));
    }

    // What scrolls sideways can be reached by the keyboard, and nothing else stands in its way.

    function reach(boxes) {
        // All are measured before one is changed, so that the page is laid out once.
        const scrolling = boxes.map((box) => box.scrollWidth > box.clientWidth);
        boxes.forEach((box, index) => {
            if (scrolling[index]) {
                box.tabIndex = 0;
            } else if (box !== document.activeElement) {
                box.removeAttribute('tabindex');
            }
        });
    }

    const targets = (entries) => entries.map(({ target }) => target);
    const resized = new ResizeObserver((entries) => reach(targets(entries)));
    for (const box of main.querySelectorAll('.table-wrapper, .katex-display, .graph-scroll')) {
        resized.observe(box);
    }
    // Code can be reached from the beginning, and is measured when it is near: far away it has no layout.
    const near = new IntersectionObserver((entries) => {
        reach(targets(entries.filter(({ isIntersecting }) => isIntersecting)));
    }, { rootMargin: '100% 0px' });
    for (const code of main.querySelectorAll('pre > code')) {
        near.observe(code);
    }

    // A button that copies, in each block of code and at each command above its output.

    // Of a difference that is the new code, or the side that is shown: no marks, no sign for a gap. A listing
    // may have several blocks, and notes of ours. Of what is typed and answered, the commands: no prompt, no output.
    function codeOf(block) {
        if (block.matches('figcaption')) {
            return block.querySelector('code').textContent;
        }
        const listing = block.closest('.listing') ?? block;
        const codes = listing.matches('pre') ? [block] : Array.from(listing.querySelectorAll('pre'));
        return codes.map((pre) => {
            const code = pre.querySelector('code').cloneNode(true);
            const isDifference = code.matches('.code-diff');
            const other = listing.dataset.view === 'old' ? 'ins' : 'del';
            code.querySelectorAll(`.pin${isDifference ? `, .diff-gap, ${other}` : ''}`).forEach((part) => part.remove());
            if (code.matches('.code-console')) {
                return typed(code.textContent);
            }
            return isDifference ? code.textContent.replace(/^./gm, '') : code.textContent;
        }).join('');
    }

    // The lines after a prompt, and those that a `\` at the end of a line leads to.
    function typed(text) {
        let goesOn = false;
        const lines = text.split('\n').filter((line) => {
            const isTyped = goesOn || line.startsWith('$ ');
            goesOn = isTyped && line.endsWith('\\');
            return isTyped;
        });
        return lines.map((line) => line.replace(/^\$ /, '') + '\n').join('');
    }

    function offerCopy(block) {
        if (block.querySelector('.copy') || !block.querySelector('code') || !navigator.clipboard || !codeOf(block)) {
            return;
        }
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'copy';
        button.textContent = 'Copy';
        button.addEventListener('click', async () => {
            try {
                await navigator.clipboard.writeText(codeOf(block));
                button.textContent = 'Copied';
            } catch {
                button.textContent = 'Not allowed';
            }
            setTimeout(() => { button.textContent = 'Copy'; }, 2000);
        });
        block.append(button);
    }

    main.querySelectorAll('pre, .output > figcaption').forEach(offerCopy);
    // Blocks that came later, in figures that run.
    document.addEventListener('pointerover', ({ target }) => {
        const block = target.closest?.('pre');
        if (block) {
            offerCopy(block);
        }
    });
})();
