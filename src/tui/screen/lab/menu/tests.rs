use super::*;
use crate::tui::widget::fixture;

fn asked(menu: &mut ActionMenu) -> String {
    let what = menu.intervention().expect("the table has actions");
    what.to_string()
}

#[test]
fn arrows_and_digits_choose_the_node_and_it_stays_among_those_there_are() {
    let mut menu = ActionMenu::new(fixture::spec(), Some(20), (1..=20).collect(), "leaf");
    assert_eq!(asked(&mut menu), "slow=20");
    menu.turn(true);
    assert_eq!(asked(&mut menu), "slow=1", "it goes round");
    menu.type_char('1');
    menu.type_char('3');
    assert_eq!(asked(&mut menu), "slow=13");
    menu.type_char('7');
    assert_eq!(asked(&mut menu), "slow=20", "there are no more than twenty");
    menu.erase();
    assert_eq!(asked(&mut menu), "slow=13");
}

#[test]
fn amounts_turn_in_round_steps() {
    let mut menu = ActionMenu::new(fixture::spec(), None, (1..=20).collect(), "leaf");
    menu.type_char('B');
    assert_eq!(asked(&mut menu), "burst=500");
    menu.turn(true);
    assert_eq!(asked(&mut menu), "burst=1000");
    menu.turn(false);
    menu.turn(false);
    assert_eq!(asked(&mut menu), "burst=200");
    assert_eq!(menu.target(), None);
}
#[test]
fn how_long_is_typed_after_the_node_and_what_is_of_no_use_is_said() {
    let election = ddlab_labs::find("election")
        .expect("the lab is there")
        .spec();
    let mut menu = ActionMenu::new(election, None, vec![1, 2, 3], "candidate");
    menu.type_char('P');
    assert_eq!(asked(&mut menu), "pause=1:26s");
    "2:40s".chars().for_each(|c| menu.type_char(c));
    assert_eq!(asked(&mut menu), "pause=2:40s");
    menu.erase();
    assert!(menu.intervention().is_none(), "40 of what?");
    assert!(menu.trouble.is_some());
    menu.type_char('s');
    assert!(menu.trouble.is_none() && menu.intervention().is_some());
    menu.type_char('C');
    "3:1.5".chars().for_each(|c| menu.type_char(c));
    assert_eq!(asked(&mut menu), "skew=3:1.5");
}

#[test]
fn a_node_may_be_left_to_the_lab_and_numbers_are_those_that_there_are() {
    let sharded = ddlab_labs::find("sharded")
        .expect("the lab is there")
        .spec();
    let mut menu = ActionMenu::new(sharded, None, vec![1, 3, 4], "shard");
    menu.type_char('D');
    assert_eq!(asked(&mut menu), "remove_shard");
    assert_eq!(menu.target(), None);
    menu.turn(true);
    menu.turn(true);
    assert_eq!(asked(&mut menu), "remove_shard=3");
    menu.turn(true);
    menu.turn(true);
    assert_eq!(asked(&mut menu), "remove_shard", "it comes round");
    menu.turn(false);
    assert_eq!(asked(&mut menu), "remove_shard=4");
}
