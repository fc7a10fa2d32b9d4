//! Derivatives inside functions that are being differentiated, on the stages that can do it.

use pretty_assertions::assert_eq;
use tests::number::Operators;
use tests::stages::Nested;

/// Runs each body for every stage that differentiates its own gradients.
macro_rules! for_nested_stages {
    ($($(#[$attribute:meta])* fn $name:ident<S>() $body:block)*) => {
        $(
            fn $name<S: Nested>()
            where
                for<'a> &'a S: Operators<S>,
            $body
        )*

        mod stage3 {
            $($(#[$attribute])* #[test] fn $name() { super::$name::<stage3_operand::Value>() })*
            use ::stage3 as stage3_operand;
        }

        mod stage4 {
            $($(#[$attribute])* #[test] fn $name() { super::$name::<stage4_operand::Value>() })*
            use ::stage4 as stage4_operand;
        }
    };
}

for_nested_stages! {
    fn the_slope_of_x_times_y_by_y_is_x_so_its_derivative_is_1<S>() {
        let slope = |x: &S| S::derivative(|y| x * y, x);
        assert_eq!(slope(&S::from(5.0)).value(), 5.0);
        assert_eq!(S::derivative(slope, &S::from(5.0)).value(), 1.0);
    }

    fn perturbations_are_not_confused_the_answer_is_1_and_not_2<S>() {
        let f = |x: &S| x * S::derivative(|y| x + y, &S::from(1.0));
        assert_eq!(S::derivative(f, &S::from(1.0)).value(), 1.0);
    }

    fn three_levels_with_one_name_give_72<S>() {
        // x · d/dx (x · d/dx (x · d/dx x²)): each derivative of an x^n, times x, is n·x^n.
        let first = |x: &S| x * S::derivative(|x| x * x, x);
        let second = |x: &S| x * S::derivative(first, x);
        let third = |x: &S| x * S::derivative(second, x);
        assert_eq!(third(&S::from(3.0)).value(), 8.0 * 9.0);
        assert_eq!(S::derivative(second, &S::from(3.0)).value(), 4.0 * 2.0 * 3.0);
    }

    fn an_inner_function_that_is_constant_in_its_argument_has_derivative_0<S>() {
        let f = |x: &S| x * x + S::derivative(|_| x * x * x, x);
        assert_eq!(f(&S::from(3.0)).value(), 9.0);
        assert_eq!(S::derivative(f, &S::from(3.0)).value(), 6.0);
    }

    fn the_mixed_derivative_of_x_times_y_squared_is_2y_in_either_order<S>() {
        let (x, y) = (S::from(3.0), S::from(5.0));
        let by_x_then_y = S::derivative(|y| S::derivative(|x| x * y * y, &x), &y);
        let by_y_then_x = S::derivative(|x| S::derivative(|y| x * y * y, &y), &x);
        assert_eq!((by_x_then_y.value(), by_y_then_x.value()), (10.0, 10.0));
    }

    fn the_mixed_derivative_of_a_power_at_2_and_0_is_one_half_in_either_order<S>() {
        let (x, y) = (S::from(2.0), S::from(0.0));
        let by_y_then_x = S::derivative(|x| S::derivative(|y| x.powf(y), &y), &x);
        assert_eq!(by_y_then_x.value(), 0.5);
        let by_x_then_y = S::derivative(|y| S::derivative(|x| x.powf(y), &x), &y);
        assert_eq!(by_x_then_y.value(), 0.5);
    }

    fn newtons_method_on_x4_minus_2x2_steps_from_2_by_24_over_44<S>() {
        let f = |x: &S| {
            let square = x * x;
            &square * &square - &square * 2.0
        };
        let slope = |x: &S| S::derivative(f, x);
        let mut x = S::from(2.0);
        assert_eq!((slope(&x).value(), S::derivative(slope, &x).value()), (24.0, 44.0));
        for _ in 0..10 {
            x = &x - slope(&x) / S::derivative(slope, &x);
        }
        assert!((x.value() - 1.0).abs() < 1e-15, "{x:?}");
    }

    fn comparisons_see_the_number_below_two_traces<S>() {
        let f = |x: &S| if *x > S::from(2.0) { x * x * x } else { x.clone() };
        assert_eq!(S::derivative_of_order(2, &f, &S::from(3.0)).value(), 18.0);
        assert_eq!(S::derivative_of_order(2, &f, &S::from(1.0)).value(), 0.0);
    }
}
