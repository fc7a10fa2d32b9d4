// Questions: folds whose answer a run of the book knows are asked first, and opened when they are answered.
// The answers are kept in the browser. Without this script they are folds.
(function () {
    'use strict';

    /**
     * @typedef {{ form: HTMLFormElement, fold: HTMLDetailsElement, key: string, verdict: HTMLElement,
     *     options: HTMLInputElement[], field: HTMLInputElement | null, right: string,
     *     reasons: Map<string, HTMLElement>, isRight: boolean | null }} Question
     */

    const KEY = 'book-answers';
    const page = location.pathname.replace(/.*\//, '').replace(/\.html$/, '') || 'index';

    /**
     * The answers of all pages, by page and question.
     * @returns {Record<string, Record<string, string>>}
     */
    function kept() {
        try {
            return JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
        } catch {
            return {}; // Storage is closed, or holds something else.
        }
    }

    /** @param {(answers: Record<string, Record<string, string>>) => void} change */
    function keep(change) {
        const answers = kept();
        change(answers);
        try {
            localStorage.setItem(KEY, JSON.stringify(answers));
        } catch {
            // Storage is closed: the answers hold for this page.
        }
    }

    /**
     * An element with attributes and children.
     * @param {string} name
     * @param {Record<string, string>} attributes
     * @param {...(Node | string)} children
     * @returns {any}
     */
    function html(name, attributes, ...children) {
        const element = document.createElement(name);
        for (const [key, value] of Object.entries(attributes)) {
            element.setAttribute(key, value);
        }
        element.append(...children);
        return element;
    }

    /** Without blanks, capitals and the signs of code. @param {string} text */
    function plain(text) {
        return text.replace(/[\s`]/g, '').replaceAll('−', '-').toLowerCase();
    }

    /**
     * A number (`0.5`, `.5`, `1e-3`, `1,000`, `0,5`), a fraction (`1/2`) or a power (`2^20`); NaN for NaN.
     * @param {string} text
     * @returns {number | null}
     */
    function number(text) {
        text = plain(text).replace(/^\+/, '');
        if (text === 'nan') {
            return NaN;
        }
        if (/^-?(inf|infinity|∞)$/.test(text)) {
            return text.startsWith('-') ? -Infinity : Infinity;
        }
        const [, left, sign, right] = /^([^/^]+)([/^])([^/^]+)$/.exec(text) ?? [];
        if (sign) {
            const [a, b] = [number(left), number(right)];
            return a === null || b === null ? null : sign === '/' ? a / b : a ** b;
        }
        text = /^-?\d{1,3}(,\d{3})+(\.|$)/.test(text) ? text.replaceAll(',', '') : text.replace(/^(-?\d*),(?=\d+$)/, '$1.');
        return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text) ? Number(text) : null;
    }

    /** Whether what is typed is this answer. @param {string} typed @param {string} answer */
    function isSame(typed, answer) {
        const [a, b] = [number(typed), number(answer)];
        if (a === null || b === null) {
            return plain(typed) === plain(answer);
        }
        // A whole number is to be exact. Of others two digits are enough.
        const tolerance = (Number.isInteger(b) ? 1e-9 : 0.01) * Math.abs(b) * (1 + 1e-9);
        return Object.is(a, b) || Math.abs(a - b) <= tolerance;
    }

    /**
     * Asks the question of a fold.
     * @param {HTMLDetailsElement} fold
     * @param {number} index
     * @returns {Question}
     */
    function ask(fold, index) {
        const summary = /** @type {HTMLElement} */ (fold.querySelector('summary'));
        const right = fold.querySelector('.quiz-answer > b')?.textContent ?? '';
        const offered = summary.querySelector('.quiz-offered');
        offered?.remove();
        const key = (summary.textContent ?? '').trim();
        const list = fold.querySelector('.quiz-answer + ul');
        const reasons = new Map();
        for (const item of list?.children ?? []) {
            reasons.set(item.querySelector('b')?.textContent ?? '', item);
        }
        list?.classList.add('quiz-reasons');

        const legend = html('legend', {}, ...summary.childNodes);
        summary.append('The answer');
        const options = Array.from(offered?.children ?? []).map((option) => html('input', {
            type: 'radio', name: `quiz-${index}`, value: option.textContent ?? '', required: '',
        }));
        const labels = options.map((input, i) => {
            const label = html('span', {});
            label.append(...(offered?.children[i].childNodes ?? []));
            return html('label', {}, input, label);
        });
        const field = offered ? null : html('input', { type: 'text', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', required: '' });
        if (field) {
            labels.push(html('label', { class: 'quiz-typed' }, 'Your answer ', field));
        }
        const button = html('button', { type: 'submit' }, 'Check');
        const verdict = html('div', { class: 'quiz-verdict', role: 'status' });
        const fieldset = html('fieldset', {}, legend, html('div', { class: 'quiz-options' }, ...labels), button);
        const form = html('form', { class: 'quiz-form', autocomplete: 'off', novalidate: '' }, fieldset, verdict);
        const box = html('div', { class: 'quiz-box' }, form);
        fold.replaceWith(box);
        box.append(fold);
        return { form, fold, key, verdict, options, field, right, reasons, isRight: null };
    }

    /** What is chosen or typed. @param {Question} question */
    function given({ options, field }) {
        return field ? field.value.trim() : options.find((option) => option.checked)?.value ?? '';
    }

    /**
     * Says whether the answer is right, and why not; opens the fold.
     * @param {Question} question
     * @param {string} answer
     * @returns {boolean} whether it is an answer
     */
    function judge(question, answer) {
        const { verdict, right, reasons, field, fold } = question;
        if (!answer || field && number(right) !== null && number(answer) === null) {
            verdict.replaceChildren(!field ? 'Choose one of the answers.' : number(right) === null
                ? 'Type an answer.' : 'Type a number, such as 12, 0.5, 1/2 or 1e-3.');
            return false;
        }
        const isIt = (/** @type {string} */ other) => (field ? isSame(answer, other) : answer === other);
        question.isRight = isIt(right);
        const known = Array.from(reasons.keys()).find(isIt);
        /** @type {(string | Node)[]} */
        const words = [];
        if (question.isRight) {
            words.push(html('b', {}, '✓ Right'), `: ${right}`);
        } else {
            const reason = known === undefined ? null : /** @type {HTMLElement} */ (reasons.get(known)?.cloneNode(true));
            reason?.querySelector('.quiz-not')?.remove();
            words.push(html('b', {}, '✗ Wrong'), ': ', ...(reason?.childNodes ?? ['the answer is below.']));
        }
        verdict.className = `quiz-verdict ${question.isRight ? 'quiz-right' : 'quiz-wrong'}`;
        verdict.replaceChildren(...words);
        fold.open = true;
        return true;
    }

    /** As before the first answer. @param {Question} question */
    function clear(question) {
        question.form.reset();
        question.verdict.className = 'quiz-verdict';
        question.verdict.replaceChildren();
        question.fold.open = false;
        question.isRight = null;
    }

    // The page of all chapters is for paper.
    const folds = document.body.classList.contains('whole') ? [] : document.querySelectorAll('details.quiz');
    const questions = Array.from(folds).map((fold, index) => ask(/** @type {HTMLDetailsElement} */ (fold), index));
    if (questions.length === 0) {
        return;
    }

    // After the last question: how it went, and how to begin again.

    const count = html('span', { role: 'status' });
    const forget = html('button', { type: 'button' }, 'Forget the answers on this page');
    const forgetAll = html('button', { type: 'button' }, 'Forget all answers');
    questions[questions.length - 1].fold.parentElement?.after(html('p', { class: 'quiz-tally' }, count, forget, forgetAll));

    function tally() {
        const answered = questions.filter(({ isRight }) => isRight !== null);
        const right = answered.filter(({ isRight }) => isRight);
        count.textContent = `Questions of this chapter: ${questions.length}. Answered: ${answered.length}, right:\u00a0${right.length}.`;
    }

    const own = kept()[page] ?? {};
    for (const question of questions) {
        const answer = own[question.key];
        if (typeof answer === 'string') {
            for (const option of question.options) {
                option.checked = option.value === answer;
            }
            if (question.field) {
                question.field.value = answer;
            }
            // An option may have gone since.
            if (given(question) === answer) {
                judge(question, answer);
            }
        }
        question.form.addEventListener('submit', (event) => {
            event.preventDefault();
            const answer = given(question);
            if (judge(question, answer)) {
                keep((answers) => { (answers[page] ??= {})[question.key] = answer; });
                tally();
            }
        });
    }
    tally();
    forget.addEventListener('click', () => {
        keep((answers) => { delete answers[page]; });
        questions.forEach(clear);
        tally();
    });
    forgetAll.addEventListener('click', () => {
        keep((answers) => { Object.keys(answers).forEach((other) => { delete answers[other]; }); });
        questions.forEach(clear);
        tally();
    });
})();
