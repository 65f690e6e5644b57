//! `filter[]`, `sort[]`, `limit`, `offset` and `rootOrgId`.

use super::{column, ids, make, refuses, start};
use crate::support::{Client, TestBox};

const LIST: &str = "/config/v2/organisations";

/// 1 Infinity Tracking, 2 alpha, 3 Beta, 4 a-b-c, 5 ΟΔΟΣ, 6 "10, Main"; 3 and 5 have branding 2.
fn populated() -> (TestBox, Client) {
    let test_box = start();
    let admin = test_box.admin();
    for name in ["alpha", "Beta", "a-b-c", "%CE%9F%CE%94%CE%9F%CE%A3", "10,+Main"] {
        make(&admin, name, &["1"]);
    }
    for id in ["3", "5"] {
        admin.form("POST", &format!("{LIST}/{id}"), "brandingId=2").expect(204);
    }
    (test_box, admin)
}

#[test]
fn every_operand() {
    let (_box, admin) = populated();
    for (filter, wanted) in [
        ("orgId-eq-value-2", &["2"][..]),
        ("orgId-eq-value-02", &["2"]),
        ("orgId-ne-value-2", &["1", "3", "4", "5", "6"]),
        ("orgId-lt-value-3", &["1", "2"]),
        ("orgId-le-value-3", &["1", "2", "3"]),
        ("orgId-gt-value-4", &["5", "6"]),
        ("orgId-ge-value-4", &["4", "5", "6"]),
        ("orgId-lt-value-10", &["1", "2", "3", "4", "5", "6"]),
        ("orgId-in-value-1,+06", &["1", "6"]),
        ("orgId-nin-value-1,6", &["2", "3", "4", "5"]),
        ("orgStatus-eq-value-200", &["1", "2", "3", "4", "5", "6"]),
        ("orgName-eq-value-alpha", &["2"]),
        ("orgName-eq-value-ALPHA", &[]),
        ("orgName-eqi-value-ALPHA", &["2"]),
        ("orgName-nei-value-ALPHA", &["1", "3", "4", "5", "6"]),
        ("orgName-eq-value-a-b-c", &["4"]),
        ("orgName-lt-value-B", &["6"]),
        ("orgName-inc-value-a", &["1", "2", "3", "4", "6"]),
        ("orgName-ninc-value-a", &["5"]),
        ("orgName-inci-value-B", &["3", "4"]),
        ("orgName-ninci-value-B", &["1", "2", "5", "6"]),
        ("orgName-inci-value-%CE%BF%CE%B4%CE%BF%CF%82", &["5"]),
        ("orgName-begins-value-a", &["2", "4"]),
        ("orgName-nbegins-value-a", &["1", "3", "5", "6"]),
        ("orgName-beginsi-value-b", &["3"]),
        ("orgName-nbeginsi-value-b", &["1", "2", "4", "5", "6"]),
        ("orgName-in-value-alpha,a-b-c", &["2", "4"]),
        ("orgName-ini-value-ALPHA,%20BETA", &["2", "3"]),
        ("orgName-nini-value-ALPHA,beta", &["1", "4", "5", "6"]),
        ("orgName-bool-value-1", &["1", "2", "3", "4", "5", "6"]),
        ("orgName-bool-value-false", &[]),
        ("brandingName-eq-value-Client", &["3", "5"]),
        ("logoFilename-begins-value-ab7009ed-e572", &["3", "5"]),
        ("landingDomain-eq-value-example.com", &["3", "5"]),
        ("primaryColor-eqi-value-%23e52d87", &["1", "2", "4", "6"]),
        ("brandingId-eq-value-2", &["3", "5"]),
    ] {
        assert_eq!(ids(&admin, &format!("{LIST}?filter[]={filter}")), wanted, "{filter}");
    }
}

#[test]
fn brackets_in_every_spelling_and_all_conditions_hold() {
    let (_box, admin) = populated();
    for query in [
        "filter[]=orgName-begins-value-a&filter[]=orgName-inc-value-b",
        "filter%5B%5D=orgName-begins-value-a&filter%5b%5d=orgName-inc-value-b",
        "filter[0]=orgName-begins-value-a&filter[1]=orgName-inc-value-b",
        "filter%5B0%5D=orgName-begins-value-a&filter[7]=orgName%2Dinc%2Dvalue%2Db",
        "filter[a]=orgName-begins-value-a&filter[b]=orgName-inc-value-b",
        "filter[0]=orgName-eq-value-nothing&filter[0]=orgName-eq-value-a-b-c",
        "filter=orgName-eq-value-nothing&filter=orgName-eq-value-a-b-c",
    ] {
        assert_eq!(ids(&admin, &format!("{LIST}?{query}")), ["4"], "{query}");
    }
}

#[test]
fn sorting() {
    let (_box, admin) = populated();
    for (query, wanted) in [
        ("sort[]=orgId-desc", ["6", "5", "4", "3", "2", "1"]),
        ("sort[]=orgName-asc", ["6", "4", "2", "3", "1", "5"]),
        ("sort[]=orgName-desc", ["5", "1", "3", "2", "4", "6"]),
        ("sort[]=brandingId-desc&sort[]=orgName-asc", ["3", "5", "6", "4", "2", "1"]),
        ("sort%5B0%5D=brandingName-asc&sort%5B1%5D=orgId-desc", ["5", "3", "6", "4", "2", "1"]),
        ("sort[]=orgStatus-desc", ["1", "2", "3", "4", "5", "6"]),
    ] {
        assert_eq!(ids(&admin, &format!("{LIST}?{query}")), wanted, "{query}");
    }
    for _ in 0..5 {
        let last = make(&admin, "more", &["1"]);
        assert_eq!(ids(&admin, &format!("{LIST}?sort[]=orgId-desc&limit=1")), [last], "numbers sort as numbers");
    }
}

#[test]
fn pages() {
    let (_box, admin) = populated();
    for (query, wanted) in [
        ("limit=2", &["1", "2"][..]),
        ("limit=2&offset=4", &["5", "6"]),
        ("offset=5", &["6"]),
        ("offset=6", &[]),
        ("offset=18446744073709551615", &[]),
        ("limit=50000", &["1", "2", "3", "4", "5", "6"]),
        ("limit=1&limit=2", &["1", "2"]),
        ("limit=1&offset=1&filter[]=orgName-inci-value-b", &["4"]),
        ("limit=2&offset=1&sort[]=orgId-desc", &["5", "4"]),
    ] {
        assert_eq!(ids(&admin, &format!("{LIST}?{query}")), wanted, "{query}");
        let children = ids(&admin, &format!("{LIST}/1/children?{query}"));
        assert!(children.iter().all(|id| id != "1"), "{query}");
    }
    assert_eq!(ids(&admin, &format!("{LIST}/1/children?limit=2&offset=1")), ["3", "4"]);
    assert_eq!(ids(&admin, &format!("{LIST}/1/children?filter[]=orgName-inci-value-b&sort[]=orgId-desc")), ["4", "3"]);
    assert_eq!(ids(&admin, &format!("{LIST}/2/parents?limit=1")), ["1"]);
    assert!(ids(&admin, &format!("{LIST}/2/parents?filter[]=orgId-gt-value-1")).is_empty());
}

#[test]
fn branding_options_are_filtered_sorted_and_cut() {
    let (_box, admin) = populated();
    let options = |query: &str| column(&admin.get(&format!("{LIST}/3/branding?{query}")).expect(200), "brandingId");
    assert_eq!(options(""), ["1", "2"]);
    assert_eq!(options("sort[]=brandingName-asc"), ["2", "1"]);
    assert_eq!(options("sort[]=brandingId-desc"), ["2", "1"]);
    assert_eq!(options("filter[]=primaryColor-eq-value-%23000000"), ["2"]);
    assert_eq!(options("filter[]=brandingId-lt-value-2"), ["1"]);
    assert_eq!(options("limit=1&offset=1"), ["2"]);
    refuses(admin.get(&format!("{LIST}/3/branding?filter[]=orgId-eq-value-1")), 400, &["filter[]", "brandingId"]);
    refuses(admin.get(&format!("{LIST}/3/branding?limit=0")), 400, &["limit", "1 to 50000"]);
}

#[test]
fn a_root_and_all_below_it() {
    let (_box, admin) = populated();
    make(&admin, "Seven", &["2"]);
    make(&admin, "Eight", &["7", "3"]);
    assert_eq!(ids(&admin, &format!("{LIST}?rootOrgId=2")), ["2", "7", "8"]);
    assert_eq!(ids(&admin, &format!("{LIST}?rootOrgId=3&filter[]=orgName-begins-value-E")), ["8"]);
    assert_eq!(ids(&admin, &format!("{LIST}?rootOrgId=1&limit=2&offset=6")), ["7", "8"]);
    assert_eq!(ids(&admin, &format!("{LIST}/7/children?rootOrgId=3")), ["8"]);
    assert!(ids(&admin, &format!("{LIST}/1/children?rootOrgId=7")).is_empty());
    refuses(admin.get(&format!("{LIST}?rootOrgId=99")), 400, &["rootOrgId", "exists"]);
    refuses(admin.get(&format!("{LIST}?rootOrgId=x")), 400, &["rootOrgId must be the ID"]);
}

#[test]
fn what_is_no_list_is_refused() {
    let (_box, admin) = populated();
    let long = "filter[]=orgId-eq-value-1&".repeat(33);
    let keys = "sort[]=orgId-asc&".repeat(17);
    for (query, parts) in [
        ("filter[]=orgId-eq-1", &["filter[]", "field-operand-value-comparison"][..]),
        ("filter[]=orgId-eq-valu-1", &["filter[]", "field-operand-value-comparison"]),
        ("filter[]=", &["filter[]", "field-operand-value-comparison"]),
        ("filter[]=orgid-eq-value-1", &["filter[]", "orgId, orgName, orgStatus", "primaryColor"]),
        ("filter[]=orgId-like-value-1", &["filter[]", "eq, ne, eqi", "bool"]),
        ("filter[]=orgId-eq-value-x", &["filter[]", "whole number"]),
        ("filter[]=orgId-in-value-1,x", &["filter[]", "whole numbers"]),
        ("filter[]=orgName-bool-value-maybe", &["filter[]", "true or false"]),
        (&long, &["filter[]", "at most 32"]),
        ("sort[]=orgId", &["sort[]", "field-asc or field-desc"]),
        ("sort[]=orgId-up", &["sort[]", "field-asc or field-desc"]),
        ("sort[]=name-asc", &["sort[]", "orgId, orgName"]),
        (&keys, &["sort[]", "at most 16"]),
        ("limit=0", &["limit must be a whole number from 1 to 50000"]),
        ("limit=50001", &["limit must be"]),
        ("limit=-1", &["limit must be"]),
        ("limit=", &["limit must be"]),
        ("limit=1.5", &["limit must be"]),
        ("offset=-1", &["offset must be a whole number of at least 0"]),
        ("offset=x", &["offset must be"]),
        ("limit=x&offset=x&sort[]=x&filter[]=x", &["limit", "offset", "sort[]", "filter[]"]),
    ] {
        refuses(admin.get(&format!("{LIST}?{query}")), 400, parts);
        refuses(admin.get(&format!("{LIST}/1/children?{query}")), 400, parts);
        refuses(admin.get(&format!("{LIST}/2/parents?{query}")), 400, parts);
    }
}
