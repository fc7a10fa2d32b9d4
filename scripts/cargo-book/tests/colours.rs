//! The language of colour: one colour for each kind of number, legible on every ground that it may be on,
//! in both themes, and the same in the EPUB and in the picture of the README.

use std::collections::BTreeMap;

use pretty_assertions::assert_eq;

const BOOK: &str = include_str!("../../../book/theme/book.css");
const STEPPER: &str = include_str!("../../../book/theme/stepper.css");
const EPUB: &str = include_str!("../src/epub/book.css");
const GRAPH: &str = include_str!("../src/draw/graph.rs");

const LANGUAGE: [&str; 8] = [
    "value", "gradient", "local", "speed", "trace-0", "trace-1", "trace-2", "trace-3",
];

/// What they are written on.
const GROUNDS: [&str; 6] = ["bg", "panel", "code-bg", "inline-bg", "graph-node", "here"];

type Rgb = [f64; 3];

fn rgb(hex: &str) -> Rgb {
    let part = |from: usize| {
        let part = u8::from_str_radix(&hex[from..from + 2], 16).unwrap();
        f64::from(part)
    };
    assert!(hex.starts_with('#') && hex.len() == 7, "{hex}");
    [part(1), part(3), part(5)]
}

/// The variables of a style sheet that have a colour for each theme.
fn variables(css: &str) -> BTreeMap<&str, [&str; 2]> {
    css.lines()
        .filter_map(|line| {
            let (name, value) = line
                .trim()
                .strip_prefix("--")?
                .split_once(": light-dark(")?;
            let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
            Some((name, [light, dark]))
        })
        .collect()
}

fn all() -> BTreeMap<&'static str, [&'static str; 2]> {
    let mut all = variables(BOOK);
    all.extend(variables(STEPPER));
    all
}

/// <https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio>
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let luminance = |colour: Rgb| {
        let [r, g, b] = colour.map(|part| {
            let part = part / 255.0;
            match part <= 0.04045 {
                true => part / 12.92,
                false => ((part + 0.055) / 1.055_f64).powf(2.4),
            }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn the_judge_of_contrast_is_right() {
    // WebAIM's checker says 21, 4.54 and 1.
    for (a, b, expected) in [
        ("#000000", "#ffffff", 21.0),
        ("#767676", "#ffffff", 4.54),
        ("#123456", "#123456", 1.0),
    ] {
        assert!((contrast(rgb(a), rgb(b)) - expected).abs() < 0.005, "{a}");
    }
}

#[test]
fn each_colour_is_legible_on_each_ground_in_both_themes() {
    let all = all();
    let mut pale = Vec::new();
    for name in LANGUAGE.iter().chain(&["muted", "fg", "here-line"]) {
        for ground in GROUNDS {
            for theme in [0, 1] {
                let ratio = contrast(rgb(all[name][theme]), rgb(all[ground][theme]));
                if ratio < 4.5 {
                    pale.push(format!("{name} on {ground}, theme {theme}: {ratio:.2}"));
                }
            }
        }
    }
    assert_eq!(pale, Vec::<String>::new());
}

#[test]
fn no_two_of_them_look_alike() {
    let all = all();
    for theme in [0, 1] {
        for (index, one) in LANGUAGE.iter().enumerate() {
            for other in &LANGUAGE[..index] {
                let (a, b) = (rgb(all[one][theme]), rgb(all[other][theme]));
                let apart = (0..3).map(|part| (a[part] - b[part]).powi(2)).sum::<f64>();
                assert!(apart.sqrt() > 50.0, "{one} and {other}, theme {theme}");
            }
        }
    }
}

/// The value of a property in the rule of a selector.
fn property<'a>(css: &'a str, selector: &str, property: &str) -> Option<&'a str> {
    let (_, rest) = css.split_once(&format!("\n{selector} {{"))?;
    let (body, _) = rest.split_once('}')?;
    body.split(';').find_map(|declaration| {
        let (name, value) = declaration.split_once(':')?;
        (name.trim() == property).then(|| value.trim())
    })
}

#[test]
fn nothing_else_colours_them() {
    let used = |css, selector: &str| property(css, selector, "fill");
    for (name, selector) in [
        ("value", ".graph .steps-value"),
        ("gradient", ".graph .steps-gradient"),
        ("local", ".graph .steps-local"),
        ("speed", ".graph .steps-speed"),
    ] {
        let colour = format!("var(--{name})");
        assert_eq!(used(STEPPER, selector), Some(&*colour));
        assert_eq!(used(BOOK, &format!(".graph .is-{name}")), Some(&*colour));
    }
    for (mode, name) in [("forward", "speed"), ("reverse", "gradient")] {
        let colour = format!("var(--{name})");
        let plot = property(BOOK, &format!(".plot-{mode}"), "--plot");
        assert_eq!(plot, Some(&*colour));
    }
}

#[test]
fn no_curve_has_the_colour_of_forward_mode() {
    let all = all();
    let curves: Vec<_> = all
        .keys()
        .filter(|name| name.starts_with("plot-"))
        .collect();
    assert_eq!(curves.len(), 6, "{curves:?}"); // five, and the guide
    for name in curves {
        for theme in [0, 1] {
            assert_ne!(all[name][theme], all["speed"][theme], "{name}");
            let ratio = contrast(rgb(all[name][theme]), rgb(all["bg"][theme]));
            assert!(ratio >= 4.5, "{name}, theme {theme}: {ratio:.2}");
        }
    }
}

#[test]
fn numbers_in_matrices_are_legible() {
    let selector = ".matrix .matrix-zero-text";
    assert_eq!(property(BOOK, selector, "fill"), Some("var(--muted)"));
    assert_eq!(property(BOOK, selector, "opacity"), None);
    let all = all();
    // The darkest shade in the light, and the brightest in the dark. Zeros have none.
    for theme in [0, 1] {
        let ratio = contrast(rgb(all["fg"][theme]), rgb(all["matrix-shade"][theme]));
        assert!(ratio >= 4.5, "theme {theme}: {ratio:.2}");
    }
    assert_eq!(property(BOOK, ".matrix-zero", "fill"), Some("none"));
}

#[test]
fn pictures_outside_of_the_book_have_the_same_colours() {
    let all = all();
    for name in ["value", "gradient", "local", "speed", "trace-0", "trace-1"] {
        let [light, _] = all[name];
        let selector = format!(".is-{name}");
        assert_eq!(property(EPUB, &selector, "fill"), Some(light), "{name}");
        assert_eq!(property(EPUB, &selector, "color"), Some(light), "{name}");
    }
    for name in ["value", "gradient", "local"] {
        for colour in all[name] {
            assert!(GRAPH.contains(&format!("--{name}:{colour}")), "{name}");
        }
    }
    let [light, _] = all["speed"];
    let marker = ".plot-marker.plot-forward, .plot .plot-name.plot-forward";
    assert_eq!(property(EPUB, marker, "fill"), Some(light));
}
