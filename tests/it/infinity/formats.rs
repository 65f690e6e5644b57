//! `format` and `display[]`.

use super::{make, refuses, start};

const LIST: &str = "/config/v2/organisations";

#[test]
fn json_lines_and_arrays() {
    let test_box = start();
    let admin = test_box.admin();
    make(&admin, "Say+%22hi%22+%3C%26%3E+%C3%BC%E2%80%A8", &["1"]);
    let lines = admin.get(&format!("{LIST}?display[]=orgName&display[]=orgId-id")).expect(200);
    assert_eq!(lines.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(
        lines.text,
        "{\"orgName\":\"Infinity Tracking\",\"id\":\"1\"}\n{\"orgName\":\"Say \\\"hi\\\" <&> ü\u{2028}\",\"id\":\"2\"}\n"
    );
    assert_eq!(admin.get(&format!("{LIST}?display[]=orgName&display[]=orgId-id&format=json")).text, lines.text);
    let array = admin.get(&format!("{LIST}?display[]=orgId&format=jsonarray")).expect(200);
    assert_eq!(array.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(array.text, "[{\"orgId\":\"1\"},{\"orgId\":\"2\"}]");
    assert_eq!(admin.get(&format!("{LIST}/1?display[]=orgId&format=jsonarray")).text, "[{\"orgId\":\"1\"}]");
    assert_eq!(admin.get(&format!("{LIST}/2/children?format=jsonarray")).text, "[]");
    assert_eq!(admin.get(&format!("{LIST}/2/children")).expect(200).text, "");
}

#[test]
fn an_alias_is_all_after_the_first_dash() {
    let test_box = start();
    let admin = test_box.admin();
    let answer = admin.get(&format!("{LIST}/1?display[]=orgId-a-%22b%22"));
    assert_eq!(answer.text, "{\"a-\\\"b\\\"\":\"1\"}\n");
    // By one name only: a JSON object and a table with the same column twice help nobody.
    refuses(admin.get(&format!("{LIST}/1?display[]=orgId&display[]=orgId")), 400, &["display[]", "twice", "alias"]);
    let answer = admin.get(&format!("{LIST}/1?display[]=orgId&display[]=orgId-again"));
    assert_eq!(answer.text, "{\"orgId\":\"1\",\"again\":\"1\"}\n");
}

#[test]
fn an_unset_value_is_an_empty_string() {
    let test_box = start();
    test_box
        .running()
        .store()
        .write(|write| {
            use orgbox::{model::organization::NewOrganization, ops::organization};
            // Nobody above it has one either, so it gets none.
            let new = NewOrganization { title: "Bare".to_owned(), ..NewOrganization::default() };
            let who = orgbox::model::actor::Who::system();
            organization::delete(
                write,
                &who,
                orgbox::model::OrgId(1),
                organization::Deletion { children: organization::Children::Rehang, refuse_cameras: false },
            )?;
            organization::create(write, &who, new).map(drop)
        })
        .unwrap();
    let answer = test_box.admin().get(LIST).expect(200);
    assert_eq!(
        answer.text,
        "{\"orgId\":\"2\",\"orgName\":\"Bare\",\"orgStatus\":\"200\",\"brandingId\":\"\",\"brandingName\":\"\",\
         \"logoFilename\":\"\",\"landingDomain\":\"\",\"primaryColor\":\"\"}\n"
    );
    let bare = |filter: &str| test_box.admin().get(&format!("{LIST}?filter[]={filter}")).text.lines().count();
    assert_eq!(bare("brandingId-bool-value-0"), 1);
    assert_eq!(bare("brandingId-bool-value-1"), 0);
    assert_eq!(bare("brandingName-eq-value-"), 1);
    assert_eq!(bare("brandingId-eq-value-1"), 0);
    assert_eq!(bare("brandingId-ne-value-1"), 1);
}

#[test]
fn csv_has_a_header_and_standard_quoting() {
    let test_box = start();
    let admin = test_box.admin();
    make(&admin, "a,%22b%22", &["1"]);
    let answer =
        admin.get(&format!("{LIST}?format=csv&display[]=orgId-Organisation%20ID&display[]=orgName")).expect(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.text, "Organisation ID,orgName\r\n1,Infinity Tracking\r\n2,\"a,\"\"b\"\"\"\r\n");
    let empty = admin.get(&format!("{LIST}/2/children?format=csv&display[]=orgId")).expect(200);
    assert_eq!(empty.text, "orgId\r\n");
}

#[test]
fn xml_and_xhtml_are_escaped() {
    let test_box = start();
    let admin = test_box.admin();
    make(&admin, "%3Cb%3E%26%22%EF%BF%BF", &["1"]);
    let answer = admin.get(&format!("{LIST}/2?format=xml&display[]=orgId&display[]=orgName-1%20name")).expect(200);
    assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
    assert_eq!(
        answer.text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<organisations>\n<organisation><orgId>2</orgId>\
         <_1_name>&lt;b&gt;&amp;&quot;\u{FFFD}</_1_name></organisation>\n</organisations>\n"
    );
    let whole = admin.get(&format!("{LIST}?format=xml")).expect(200);
    assert!(whole.text.contains("<primaryColor>#E52D87</primaryColor></organisation>"), "{}", whole.text);
    let page = admin.get(&format!("{LIST}/2?format=xhtml&display[]=orgName-%3Cname%3E")).expect(200);
    assert_eq!(page.header("content-type"), "application/xhtml+xml; charset=utf-8");
    assert!(page.text.contains("<th>&lt;name&gt;</th>"), "{}", page.text);
    assert!(page.text.contains("<td>&lt;b&gt;&amp;&quot;\u{FFFD}</td>"), "{}", page.text);
}

#[test]
fn debug_is_readable_text() {
    let test_box = start();
    let admin = test_box.admin();
    make(&admin, "Two", &["1"]);
    let answer = admin.get(&format!("{LIST}?format=debug&display[]=orgId&display[]=orgName")).expect(200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.text, "orgId: 1\norgName: Infinity Tracking\n\norgId: 2\norgName: Two\n");
}

#[test]
fn what_cannot_be_shown_is_refused() {
    let test_box = start();
    let admin = test_box.admin();
    for path in ["", "/1", "/1/branding", "/1/parents", "/1/children"] {
        let path = format!("{LIST}{path}");
        for format in ["csv", "xhtml"] {
            refuses(admin.get(&format!("{path}?format={format}")), 400, &["display[]", "required", "brandingName"]);
        }
        refuses(admin.get(&format!("{path}?format=yaml")), 400, &["format", "jsonarray", "debug"]);
        refuses(admin.get(&format!("{path}?display[]=orgname")), 400, &["display[]", "brandingId, brandingName"]);
        refuses(admin.get(&format!("{path}?display[]=brandingId-")), 400, &["display[]", "alias"]);
    }
    let many = "&display[]=orgId".repeat(33);
    refuses(admin.get(&format!("{LIST}?{many}")), 400, &["display[]", "at most 32"]);
    for path in ["igrps", "igrps/19/organisationTypes", "igrps/19/organisations", "profile"] {
        refuses(admin.get(&format!("/config/v2/{path}?format=csv")), 400, &["display[]"]);
    }
    let types = admin.get("/config/v2/igrps/19/organisationTypes?format=csv&display[]=orgTypeCode").expect(200);
    assert_eq!(types.text, "orgTypeCode\r\ncountry\r\ncity\r\n");
}
