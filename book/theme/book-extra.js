// Small repairs to mdBook's page, for the keyboard and for screen readers. The book reads well
// without them.
(function () {
    'use strict';

    // The button of the sidebar is a label, which the keyboard cannot reach: a real button takes
    // its place and hands on the clicks.
    const label = document.getElementById('mdbook-sidebar-toggle');
    if (label) {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = label.className;
        button.title = label.title;
        button.innerHTML = label.innerHTML;
        const follow = function () {
            button.setAttribute('aria-expanded', label.getAttribute('aria-expanded'));
        };
        button.setAttribute('aria-label', label.title);
        button.setAttribute('aria-controls', 'mdbook-sidebar');
        button.addEventListener('click', () => label.click());
        new MutationObserver(follow).observe(label, { attributeFilter: ['aria-expanded'] });
        follow();
        label.before(button);
        label.style.display = 'none';
    }

    // The book's title in the bar is no heading of the page; the bar is a landmark.
    document.getElementById('mdbook-menu-bar')?.setAttribute('role', 'banner');
    document.querySelector('.menu-title')?.setAttribute('role', 'none');

    // Two themes are enough: the others share their colours.
    for (const id of ['rust', 'coal', 'ayu']) {
        document.getElementById('mdbook-theme-' + id)?.parentElement.remove();
    }
    const dark = document.getElementById('mdbook-theme-navy');
    if (dark) {
        dark.textContent = 'Dark';
    }

    // What scrolls sideways can be reached by the keyboard.
    const reachable = function () {
        document.querySelectorAll('.table-wrapper, .katex-display, .graph-scroll').forEach(function (box) {
            if (box.scrollWidth > box.clientWidth) {
                box.tabIndex = 0;
            } else {
                box.removeAttribute('tabindex');
            }
        });
    };
    reachable();
    window.addEventListener('resize', reachable);
})();
