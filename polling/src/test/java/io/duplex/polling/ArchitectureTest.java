package io.duplex.polling;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Pins what this room may touch, and the order of its packages. */
class ArchitectureTest {
    private static final JavaClasses POLLING = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.duplex.polling", "io.duplex.engineio", "io.duplex.sockjs");

    @Test
    void theRoomStandsOnCoreOnly() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty..",
                        "io.duplex.server..",
                        "io.duplex.client..",
                        "io.duplex.transport..",
                        "io.duplex.tls..",
                        "io.duplex.testkit..",
                        "io.duplex.jakarta..")
                .check(POLLING);
    }

    @Test
    void sessionsKnowNothingOfWhatCarriesThem() {
        noClasses()
                .that()
                .resideInAPackage("io.duplex.polling.session")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.duplex.polling")
                .check(POLLING);
    }

    @Test
    void theProtocolsOfOthersKnowSessionsOnly() {
        noClasses()
                .that()
                .resideInAnyPackage("io.duplex.engineio", "io.duplex.sockjs")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.duplex.polling")
                .check(POLLING);
    }
}
