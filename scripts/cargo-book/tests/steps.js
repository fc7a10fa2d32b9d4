// What is wrong with a stepper: it goes to its end and back, and shows what was recorded; and the recorded
// derivatives are those that differences find.
function complaints(stepper) {
    const found = [];
    const { recordings } = JSON.parse(stepper.querySelector('script').textContent);
    const players = Array.from(stepper.querySelectorAll('.steps-player'));
    if (players.length !== recordings.length) {
        return [`${players.length} players for ${recordings.length} recordings`];
    }
    players.forEach((player, index) => {
        const { nodes, arrows, steps, listings, program, inputs, order, stage } = recordings[index];
        const [first, back, , next] = player.querySelectorAll('.steps-controls button');
        const expect = (what, wanted, seen) => {
            if (JSON.stringify(wanted) !== JSON.stringify(seen)) {
                found.push(`${stage}, ${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(seen)}`);
            }
        };
        const text = (element) => element.textContent;
        const isShown = (element) => !element.closest('.steps-hidden, .steps-later, [style*="display: none"]');
        const texts = (parent, selector) => Array.from(parent.querySelectorAll(selector)).filter(isShown).map(text);

        function check(at) {
            const fields = { node: nodes.map(() => ({})), arrow: arrows.map(() => ({})) };
            for (const { set } of steps.slice(0, at + 1)) {
                for (const change of set) {
                    const kind = ['node', 'arrow'].find((kind) => kind in change);
                    if (kind) {
                        fields[kind][change[kind]][change.field] = change.text;
                    }
                }
            }
            const step = steps[at];
            const what = `step ${at + 1}`;
            expect(`${what}, sentence`, step.say.replaceAll('`', ''), text(player.querySelector('.steps-sentence')));
            expect(`${what}, count`, `${at + 1} of ${steps.length}`, text(player.querySelector('.steps-at')));
            player.querySelectorAll('.steps-node').forEach((node, i) => {
                const { shown, value, speed, gradient, count, cells, 'gradient-cells': slopes } = fields.node[i];
                expect(`${what}, node ${i} is shown`, Boolean(shown), isShown(node.querySelector('.steps-title')));
                if (shown) {
                    const plain = (number, cells, sign) => (number && !cells ? [`${sign} ${number}`] : []);
                    const split = (cells, sign) => (cells ? [sign, ...cells.split(/[; ]+/)] : []);
                    const seen = (kind) => texts(node, `text.${kind}, .${kind} text`).filter(Boolean);
                    expect(`${what}, value of node ${i}`, [...plain(value, cells, '='), ...split(cells, '=')], seen('steps-value'));
                    expect(`${what}, gradient of node ${i}`, [...plain(gradient, slopes, '∇'), ...split(slopes, '∇')], seen('steps-gradient'));
                    expect(`${what}, speed of node ${i}`, plain(speed, '', 'δ'), seen('steps-speed'));
                    expect(`${what}, count of node ${i}`, count ? [count] : [], texts(node, '.steps-count > text'));
                    expect(`${what}, mark of node ${i}`, step.node === i, node.classList.contains('steps-current'));
                }
            });
            const locals = fields.arrow.filter(({ local }) => local).map(({ local }) => `× ${local}`);
            expect(`${what}, local derivatives`, locals, texts(player, 'svg > .steps-local').filter(Boolean));
            expect(`${what}, arrows`, fields.arrow.map(({ shown }) => Boolean(shown)),
                Array.from(player.querySelectorAll('.steps-arrow')).map(isShown));
            const mark = step.line === null ? [] : [program.split('\n')[step.line].slice(step.start, step.end)];
            expect(`${what}, place in the program`, mark, texts(player, '.steps-program strong'));
            const row = step.listing === null || step.row === null
                ? [] : [listings[step.listing].text.split('\n')[step.row]];
            expect(`${what}, line that runs`, row, texts(player, '.steps-code .steps-here'));
        }

        first.click();
        for (let at = 0; at < steps.length; at += 1) {
            check(at);
            next.click();
        }
        check(steps.length - 1);
        // Of nested traces, the outermost has the last derivative.
        const inputsAt = nodes.flatMap(({ op, frame }, i) => (op === 'input' && !frame ? [i] : []));
        const boxes = player.querySelectorAll('.steps-node');
        const isScalar = inputs.every(([, value]) => Number.isFinite(Number(value))) && !program.includes('|');
        // Neither what is wrong on purpose, nor a program that asks its own questions.
        if (isScalar && stage === 'forward') {
            const shown = Number(texts(boxes[nodes.length - 1], '.steps-speed')[0].replace('δ ', '').replace('−', '-'));
            const right = derivative(program, inputs, 0, 1);
            if (!(Math.abs(shown - right) <= 1e-3 * Math.max(1, Math.abs(right)))) {
                found.push(`${stage}, the speed of the output: differences say ${right}, shown is ${shown}`);
            }
        } else if (isScalar && /^stage\d$/.test(stage) && !/\.seed\(|drop\(/.test(program)) {
            inputsAt.forEach((node, i) => {
                const gradients = texts(boxes[node], '.steps-gradient').filter(Boolean);
                const shown = Number(gradients[0]?.replace('∇ ', '').replace('−', '-'));
                const right = derivative(program, inputs, inputs.findIndex(([name]) => name === nodes[node].title), order);
                if (!(Math.abs(shown - right) <= 1e-3 * Math.max(1, Math.abs(right)))) {
                    found.push(`${stage}, the gradient of ${nodes[node].title}: differences say ${right}, shown is ${shown}`);
                }
            });
        }
        for (let at = steps.length - 1; at >= 0; at -= 1) {
            check(at);
            back.click();
        }
        check(0);
    });
    return found;
}

// The derivative of a program by differences; for the second order, those of the first.
function derivative(program, inputs, index, order) {
    for (const name of ['sin', 'cos', 'exp', 'sqrt', 'tanh']) {
        Number.prototype[name] ??= function () { return Math[name](this); };
    }
    Number.prototype.ln ??= function () { return Math.log(this); };
    Number.prototype.powf ??= function (exponent) { return Math.pow(this, exponent); };
    const lines = program.replaceAll('&', '').split('\n');
    const body = `${lines.slice(0, -1).join('\n')}\nreturn ${lines[lines.length - 1]};`;
    const run = new Function(...inputs.map(([name]) => name), body);
    const at = (shift) => run(...inputs.map(([, value], i) => Number(value) + (i === index ? shift : 0)));
    if (order === 1) {
        const h = 1e-5;
        return (at(h) - at(-h)) / (2 * h);
    }
    const h = 1e-3;
    return (at(h) - 2 * at(0) + at(-h)) / (h * h);
}
